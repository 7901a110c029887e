// SPDX-License-Identifier: Apache-2.0
package dev.culvert.waypoint.gateway;

import dev.culvert.policy.resource.GatewayListener;
import dev.culvert.policy.resource.GatewayResource;
import dev.culvert.policy.resource.HttpRouteResource;
import dev.culvert.policy.resource.HttpRouteResource.ParentRef;
import dev.culvert.policy.resource.NamespaceResource;
import dev.culvert.policy.resource.ObjectMeta;
import dev.culvert.policy.resource.Resources;
import dev.culvert.policy.route.Hostname;
import dev.culvert.policy.route.HttpRoute;
import dev.culvert.policy.route.RouteTable;
import dev.culvert.waypoint.authenticate.KeySources;
import dev.culvert.waypoint.authorize.ForwardedFor;
import dev.culvert.waypoint.match.Match;
import dev.culvert.waypoint.route.Grants;
import dev.culvert.waypoint.route.RouteCompiler;
import io.netty.handler.ssl.SslContext;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.IdentityHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;

/** Works out listeners and routes of all Gateways of a class (Gateway API v1). */
final class GatewayCompiler {
  private static final Set<String> HTTP = Set.of("HTTP", "HTTPS");

  private final Resources files;
  private final Certificates certificates;
  private final RouteCompiler routes;
  private final GatewayPolicies policies;
  private final List<String> problems = new ArrayList<>();

  private record Bound(GatewayResource gateway, GatewayListener listener) {
    String name() {
      return "%s/%s/%s"
          .formatted(gateway.metadata().namespace(), gateway.metadata().name(), listener.name());
    }
  }

  private GatewayCompiler(Resources files, ForwardedFor forwardedFor, KeySources keys) {
    this.files = files;
    Grants grants = new Grants(files);
    this.certificates = new Certificates(files, grants, problems);
    this.routes = new RouteCompiler(new Endpoints(files), grants, problems);
    this.policies = new GatewayPolicies(files, forwardedFor, keys, problems);
  }

  static Compiled compile(
      Resources files, String className, ForwardedFor forwardedFor, KeySources keys) {
    keys.begin();
    Compiled compiled = new GatewayCompiler(files, forwardedFor, keys).compile(className);
    keys.end();
    return compiled;
  }

  private Compiled compile(String className) {
    SortedMap<Integer, List<Bound>> byPort = new TreeMap<>();
    files
        .resources(GatewayResource.class)
        .filter(gateway -> gateway.className().equals(className))
        .forEach(gateway -> gateway.listeners().forEach(one -> bind(gateway, one, byPort)));
    SortedMap<Integer, Compiled.Port> ports = new TreeMap<>();
    byPort.forEach((number, bound) -> ports.put(number, port(number, bound)));
    return new Compiled(ports, problems);
  }

  private void bind(
      GatewayResource gateway, GatewayListener listener, Map<Integer, List<Bound>> byPort) {
    Bound bound = new Bound(gateway, listener);
    if (!HTTP.contains(listener.protocol())) {
      problems.add(
          "listener %s: protocol %s is not served; write HTTP or HTTPS"
              .formatted(bound.name(), listener.protocol()));
    } else if (gateway.clientValidation(listener).isPresent()) {
      problems.add(
          "listener %s: client certificates cannot be asked for; it stays closed"
              .formatted(bound.name()));
    } else {
      byPort.computeIfAbsent(listener.port(), _ -> new ArrayList<>()).add(bound);
    }
  }

  private Compiled.Port port(int number, List<Bound> bound) {
    String protocol = bound.getFirst().listener.protocol();
    List<Bound> fitting = new ArrayList<>();
    Set<String> hosts = new LinkedHashSet<>();
    for (Bound one : bound) {
      if (!one.listener.protocol().equals(protocol)) {
        problems.add("listener %s: port %d is %s already".formatted(one.name(), number, protocol));
      } else if (!hosts.add(one.listener.hostname())) {
        problems.add(
            "listener %s: port %d has a listener for that host name already"
                .formatted(one.name(), number));
      } else {
        fitting.add(one);
      }
    }
    fitting.sort(Comparator.comparing(one -> hostname(one.listener), Hostname.MOST_SPECIFIC));
    IdentityHashMap<HttpRoute.Rule, Match.Rule> rules = new IdentityHashMap<>();
    List<Match.Host> tables = new ArrayList<>();
    fitting.forEach(one -> tables.add(host(one, rules)));
    Set<String> names = new LinkedHashSet<>();
    fitting.forEach(one -> names.add(one.name()));
    return new Compiled.Port(
        new Match(tables, rules), protocol.equals("HTTPS") ? tls(fitting) : null, names);
  }

  private Map<String, SslContext> tls(List<Bound> bound) {
    Map<String, SslContext> byHost = new HashMap<>();
    for (Bound one : bound) {
      certificates
          .of(one.gateway, one.listener, one.name())
          .ifPresent(context -> byHost.put(hostname(one.listener).name(), context));
    }
    return byHost;
  }

  private Match.Host host(Bound bound, IdentityHashMap<HttpRoute.Rule, Match.Rule> rules) {
    List<HttpRoute> attached = new ArrayList<>();
    files
        .resources(HttpRouteResource.class)
        .filter(route -> attaches(route, bound))
        .forEach(
            route ->
                hostnames(route, hostname(bound.listener))
                    .ifPresent(hosts -> attached.add(routes.compile(route, hosts, rules))));
    return new Match.Host(
        hostname(bound.listener), RouteTable.of(attached), policies.guards(bound.gateway));
  }

  private static Hostname hostname(GatewayListener listener) {
    return listener.hostname().isEmpty() ? Hostname.ANY : new Hostname(listener.hostname());
  }

  private boolean attaches(HttpRouteResource route, Bound bound) {
    boolean named = route.parents().stream().anyMatch(parent -> names(parent, bound));
    if (named && !isAllowed(route, bound)) {
      problems.add(
          "%s %s/%s: listener %s does not allow routes of its namespace or kind"
              .formatted(
                  route.kind(),
                  route.metadata().namespace(),
                  route.metadata().name(),
                  bound.name()));
      return false;
    }
    return named;
  }

  private static boolean names(ParentRef parent, Bound bound) {
    ObjectMeta gateway = bound.gateway.metadata();
    return parent.to().kind().equals("Gateway")
        && parent.to().name().equals(gateway.name())
        && parent.to().namespace().equals(gateway.namespace())
        && (parent.section().isEmpty() || parent.section().equals(bound.listener.name()))
        && (parent.port() == 0 || parent.port() == bound.listener.port());
  }

  private boolean isAllowed(HttpRouteResource route, Bound bound) {
    var allowed = bound.listener.allowedRoutes();
    boolean kind =
        allowed.kinds().isEmpty()
            || allowed.kinds().stream().anyMatch(one -> one.kind().equals(route.kind()));
    return kind
        && allowed.allows(
            namespace(route.metadata().namespace()), bound.gateway.metadata().namespace());
  }

  /** One that is not written has no labels but its name. */
  private NamespaceResource namespace(String name) {
    return files
        .resources(NamespaceResource.class)
        .filter(one -> one.metadata().name().equals(name))
        .findFirst()
        .orElseGet(
            () ->
                new NamespaceResource(
                    new ObjectMeta(
                        "",
                        name,
                        name,
                        Map.of("kubernetes.io/metadata.name", name),
                        Map.of(),
                        Optional.empty())));
  }

  /** Those of the route that the listener takes too; empty when there is none. */
  private static Optional<List<Hostname>> hostnames(HttpRouteResource route, Hostname listener) {
    if (route.hostnames().isEmpty()) {
      return Optional.of(List.of(listener));
    }
    List<Hostname> common =
        route.hostnames().stream().flatMap(own -> own.intersect(listener).stream()).toList();
    return common.isEmpty() ? Optional.empty() : Optional.of(common);
  }
}
