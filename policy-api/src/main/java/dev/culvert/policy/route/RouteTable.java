// SPDX-License-Identifier: Apache-2.0
package dev.culvert.policy.route;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;

/**
 * Routes in the order in which Gateway API lets them win (HTTPRouteRule.matches): the most specific
 * host name, an exact path, the longest prefix, a method, the most headers, the most query
 * parameters; then the oldest route, the first by name, and the first rule. The order is made once,
 * so that a request is matched by one walk. Immutable.
 */
public final class RouteTable {
  private static final Comparator<Entry> PRECEDENCE =
      Comparator.comparingInt((Entry e) -> -e.hostname.specificity())
          .thenComparingInt(e -> -e.match.path().specificity())
          .thenComparing(e -> e.match.method().isEmpty())
          .thenComparingInt(e -> -e.match.headers().size())
          .thenComparingInt(e -> -e.match.queryParameters().size())
          .thenComparing(e -> e.route.created())
          .thenComparing(e -> e.route.namespace() + "/" + e.route.name());

  private final List<Entry> entries;

  private RouteTable(List<Entry> entries) {
    this.entries = entries;
  }

  /** The table of these routes. */
  public static RouteTable of(List<HttpRoute> routes) {
    List<Entry> entries = new ArrayList<>();
    for (HttpRoute route : routes) {
      for (Hostname hostname : route.hostnames()) {
        for (HttpRoute.Rule rule : route.rules()) {
          rule.matches().forEach(match -> entries.add(new Entry(hostname, match, route, rule)));
        }
      }
    }
    entries.sort(PRECEDENCE);
    return new RouteTable(List.copyOf(entries));
  }

  /** The rule that takes the request, or empty when none does. */
  public Optional<Taken> match(RequestHead request) {
    for (Entry entry : entries) {
      if (entry.hostname.matches(request.host()) && entry.match.matches(request)) {
        return Optional.of(new Taken(entry.route, entry.rule));
      }
    }
    return Optional.empty();
  }

  /** The route and the rule that took a request. */
  public record Taken(HttpRoute route, HttpRoute.Rule rule) {}

  private record Entry(Hostname hostname, HttpMatch match, HttpRoute route, HttpRoute.Rule rule) {}
}
