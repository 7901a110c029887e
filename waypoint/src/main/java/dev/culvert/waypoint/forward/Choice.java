// SPDX-License-Identifier: Apache-2.0
package dev.culvert.waypoint.forward;

import dev.culvert.policy.traffic.HashKey;
import dev.culvert.waypoint.exchange.Exchange;
import dev.culvert.waypoint.http.ResponseFlag;
import dev.culvert.waypoint.plan.Asking;
import dev.culvert.waypoint.plan.Destination;
import dev.culvert.waypoint.plan.RoutePlan;
import dev.culvert.waypoint.plan.Sessions;
import dev.culvert.waypoint.plan.Target;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalLong;
import org.jspecify.annotations.Nullable;

/** The choice of a request's backends, and of their endpoints. On its event loop. */
final class Choice implements Asking {
  private final Exchange exchange;
  private final RoutePlan plan;
  private final List<Target> tried = new ArrayList<>(1);
  private Sessions.@Nullable Session session;

  Choice(Exchange exchange, RoutePlan plan) {
    this.exchange = exchange;
    this.plan = plan;
    plan.sessions().ifPresent(this::goOn);
  }

  /** A session goes on where it was, and the client is told where that is. */
  private void goOn(Sessions sessions) {
    session = sessions.of(exchange.head().headers()).orElse(null);
    exchange.onResponse(
        response -> {
          Destination to = exchange.account().destination();
          Target at = exchange.account().target();
          if (to != null && at != null && exchange.account().flag() == ResponseFlag.NONE) {
            sessions.write(session, to.id(), at.id(), response.headers());
          }
        });
  }

  /** The backend of the next attempt, or null when none takes requests. */
  RoutePlan.@Nullable Weighted draw() {
    RoutePlan.Weighted known =
        session != null && tried.isEmpty() ? plan.find(session.backend()) : null;
    return known == null ? plan.draw() : known;
  }

  /** An endpoint gets the request. */
  void add(Target target) {
    tried.add(target);
  }

  @Override
  public boolean isHttp2() {
    return exchange.account().protocol().startsWith("HTTP/2");
  }

  @Override
  public InetSocketAddress address() {
    return exchange.connection().local();
  }

  @Override
  public List<Target> tried() {
    return tried;
  }

  @Override
  public OptionalLong session() {
    return session == null ? OptionalLong.empty() : OptionalLong.of(session.endpoint());
  }

  @Override
  public long hash(HashKey key) {
    return KeyHash.of(key, exchange);
  }
}
