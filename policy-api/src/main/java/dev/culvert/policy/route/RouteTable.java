// SPDX-License-Identifier: Apache-2.0
package dev.culvert.policy.route;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Routes in the order in which Gateway API lets them win (HTTPRouteRule.matches): the most specific
 * host name, an exact path, the longest expression, the longest prefix, a method, the most headers,
 * the most query parameters; then the oldest route, the first by name, and the first rule. Hosts
 * and paths are looked up, so that a request costs the same among ten routes and among ten
 * thousand; only expressions are tried one by one. Immutable.
 */
public final class RouteTable {
  private static final Comparator<Entry> PRECEDENCE =
      Comparator.comparing((Entry e) -> e.match.method().isEmpty())
          .thenComparingInt(e -> -e.match.headers().size())
          .thenComparingInt(e -> -e.match.queryParameters().size())
          .thenComparing(e -> e.route.created())
          .thenComparing(e -> e.route.namespace() + "/" + e.route.name());

  private static final Comparator<Entry> EXPRESSIONS =
      Comparator.comparingInt((Entry e) -> -e.match.path().specificity()).thenComparing(PRECEDENCE);

  private final Map<String, Paths> byHost;

  /** Whether there are any besides that which takes all. */
  private final boolean wildcards;

  private RouteTable(Map<String, Paths> byHost) {
    this.byHost = byHost;
    this.wildcards = byHost.keySet().stream().anyMatch(name -> name.startsWith("*."));
  }

  /** The table of these routes. */
  public static RouteTable of(List<HttpRoute> routes) {
    Map<String, Paths> byHost = new HashMap<>();
    for (HttpRoute route : routes) {
      for (Hostname hostname : route.hostnames()) {
        Paths paths = byHost.computeIfAbsent(hostname.name(), _ -> new Paths());
        for (HttpRoute.Rule rule : route.rules()) {
          rule.matches().forEach(match -> paths.add(new Entry(match, route, rule)));
        }
      }
    }
    byHost.values().forEach(Paths::sort);
    return new RouteTable(byHost);
  }

  /** The rule that takes the request, or empty when none does. */
  public Optional<Taken> match(RequestHead request) {
    String host = request.host();
    Entry found = in(host, request);
    // From the wildcard with the most labels to the one with the fewest.
    int dot = wildcards ? host.indexOf('.', 1) : -1;
    while (found == null && dot >= 0) {
      found = in("*" + host.substring(dot), request);
      dot = host.indexOf('.', dot + 1);
    }
    if (found == null) {
      found = in(Hostname.ANY.name(), request);
    }
    return found == null ? Optional.empty() : Optional.of(found.taken);
  }

  private Entry in(String hostname, RequestHead request) {
    Paths paths = byHost.get(hostname);
    return paths == null ? null : paths.match(request);
  }

  /** The route and the rule that took a request. */
  public record Taken(HttpRoute route, HttpRoute.Rule rule) {}

  /** The conditions of the routes of one host name. */
  private static final class Paths {
    private final Map<String, List<Entry>> exact = new HashMap<>();
    private final List<Entry> expressions = new ArrayList<>(0);
    private final Map<String, List<Entry>> prefixes = new HashMap<>();
    private final List<Entry> anyService = new ArrayList<>(0);

    void add(Entry entry) {
      switch (entry.match.path()) {
        case PathMatch.Exact(String path) -> add(exact, path, entry);
        case PathMatch.Expression _ -> expressions.add(entry);
        case PathMatch.Prefix(String path) -> add(prefixes, path, entry);
        case PathMatch.AnyService _ -> anyService.add(entry);
      }
    }

    private static void add(Map<String, List<Entry>> to, String path, Entry entry) {
      to.computeIfAbsent(path, _ -> new ArrayList<>(1)).add(entry);
    }

    void sort() {
      exact.values().forEach(entries -> entries.sort(PRECEDENCE));
      expressions.sort(EXPRESSIONS);
      prefixes.values().forEach(entries -> entries.sort(PRECEDENCE));
      anyService.sort(PRECEDENCE);
    }

    Entry match(RequestHead request) {
      String path = request.path();
      Entry found = first(exact.get(path), request);
      if (found == null) {
        found = first(expressions, request);
      }
      int end = path.length();
      while (found == null && end >= 0) {
        found = end == 0 ? first(anyService, request) : null;
        if (found == null) {
          found = first(prefixes.get(path.substring(0, end)), request);
        }
        end = end == 0 ? -1 : path.lastIndexOf('/', end - 1);
      }
      return found;
    }

    private static Entry first(List<Entry> entries, RequestHead request) {
      if (entries != null) {
        for (int i = 0; i < entries.size(); i++) {
          if (entries.get(i).takes(request)) {
            return entries.get(i);
          }
        }
      }
      return null;
    }
  }

  private record Entry(
      HttpMatch match,
      HttpRoute route,
      Taken taken,
      NamedMatches headers,
      NamedMatches queryParameters) {
    Entry(HttpMatch match, HttpRoute route, HttpRoute.Rule rule) {
      this(
          match,
          route,
          new Taken(route, rule),
          new NamedMatches(match.headers()),
          new NamedMatches(match.queryParameters()));
    }

    /** Whether the request meets every part. */
    boolean takes(RequestHead request) {
      return match.path().matches(request.path())
          && (match.method().isEmpty() || match.method().get().equals(request.method()))
          && headers.hold(request, RequestHead::header)
          && queryParameters.hold(request, RequestHead::queryParameter);
    }
  }
}
