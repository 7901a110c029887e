// SPDX-License-Identifier: Apache-2.0
package dev.culvert.waypoint.match;

import dev.culvert.policy.route.Hostname;
import dev.culvert.waypoint.accept.AcceptedRequest;
import dev.culvert.waypoint.accept.ClientConnection;
import dev.culvert.waypoint.accept.RejectedRequestException;
import dev.culvert.waypoint.exchange.Exchange;
import dev.culvert.waypoint.exchange.LocalAnswer;
import dev.culvert.waypoint.exchange.Phase;
import dev.culvert.waypoint.http.ResponseFlag;
import dev.culvert.waypoint.plan.RoutePlan;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Finds the rule that takes a request: first the most specific listener that takes the host, then
 * among its routes only (Gateway API, listener isolation).
 */
public final class Match implements Phase {
  /** Has the client ask again on a connection of its own (RFC 9110, section 15.5.20). */
  private static final int MISDIRECTED = 421;

  private final List<Host> hosts;

  /**
   * The routes of a listener.
   *
   * @param guards what decides whether its requests may go on
   */
  public record Host(Hostname hostname, RuleTable routes, List<Phase> guards) {
    /** Copies the guards. */
    public Host {
      guards = List.copyOf(guards);
    }
  }

  /** What a rule does. */
  public record Rule(RoutePlan plan, List<Phase> filters) {
    /** Copies the filters. */
    public Rule {
      filters = List.copyOf(filters);
    }
  }

  /**
   * @param hosts the most specific first
   */
  public Match(List<Host> hosts) {
    this.hosts = List.copyOf(hosts);
  }

  @Override
  public Step run(Exchange exchange) {
    AcceptedRequest request;
    try {
      request = exchange.request();
    } catch (RejectedRequestException e) {
      exchange.answer(LocalAnswer.of(e.status(), ResponseFlag.CLIENT_PROTOCOL, e.getMessage()));
      return Step.ANSWERED;
    }
    for (int i = 0; i < hosts.size(); i++) {
      if (hosts.get(i).hostname.matches(request.host())) {
        if (isMisdirected(exchange.connection(), request.host(), i)) {
          return misdirected(exchange);
        }
        exchange.findings().guard(hosts.get(i).guards);
        return take(exchange, hosts.get(i).routes.find(request));
      }
    }
    return nobody(exchange, "no listener takes the host");
  }

  /**
   * Whether the handshake was made with another listener than the one that takes the host: what
   * that one asks of clients was not asked then (RFC 6066, section 11.1; Gateway API, Listener).
   */
  private boolean isMisdirected(ClientConnection connection, String host, int taking) {
    if (!connection.secure() || hosts.size() == 1) {
      return false;
    }
    String name = connection.serverName().orElse("");
    return !name.equals(host) && !isOf(name, taking);
  }

  private boolean isOf(String serverName, int listener) {
    if (serverName.isEmpty()) {
      return hosts.get(listener).hostname.equals(Hostname.ANY);
    }
    for (int i = 0; i < listener; i++) {
      if (hosts.get(i).hostname.matches(serverName)) {
        return false;
      }
    }
    return hosts.get(listener).hostname.matches(serverName);
  }

  private static Step misdirected(Exchange exchange) {
    exchange.answer(
        LocalAnswer.of(
            MISDIRECTED,
            ResponseFlag.NO_ROUTE,
            "the host is another listener's than the name of the handshake"));
    return Step.ANSWERED;
  }

  private static Step take(Exchange exchange, @Nullable Rule rule) {
    if (rule == null) {
      return nobody(exchange, "no route takes the request");
    }
    exchange.findings().take(rule.plan, rule.filters);
    return Step.NEXT;
  }

  private static Step nobody(Exchange exchange, String problem) {
    exchange.answer(LocalAnswer.of(404, ResponseFlag.NO_ROUTE, problem));
    return Step.ANSWERED;
  }
}
