// SPDX-License-Identifier: Apache-2.0
package dev.culvert.waypoint.gateway;

import dev.culvert.policy.authz.request.RequestPolicies;
import dev.culvert.policy.resource.GatewayListener;
import dev.culvert.policy.resource.GatewayResource;
import dev.culvert.policy.resource.HttpRouteResource;
import dev.culvert.policy.resource.ListenerSetResource;
import dev.culvert.policy.resource.ResourceKey;
import dev.culvert.policy.resource.Resources;
import dev.culvert.policy.route.Hostname;
import dev.culvert.waypoint.accept.TlsEnd;
import dev.culvert.waypoint.authorize.AskedByRoutes;
import dev.culvert.waypoint.authorize.Providers;
import dev.culvert.waypoint.kept.Kept;
import dev.culvert.waypoint.match.CompiledRoute;
import dev.culvert.waypoint.match.Match;
import dev.culvert.waypoint.route.Authorizers;
import dev.culvert.waypoint.route.Backends;
import dev.culvert.waypoint.route.Closed;
import dev.culvert.waypoint.route.Grants;
import dev.culvert.waypoint.route.RouteCompiler;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;

/** Works out the listeners and routes of one configuration. */
final class Compilation {
  private static final Map<String, Compiled.Kind> KINDS =
      Map.of(
          "HTTP", Compiled.Kind.HTTP,
          "HTTPS", Compiled.Kind.TLS,
          "TLS", Compiled.Kind.TLS,
          "TCP", Compiled.Kind.TCP);

  private final Resources files;
  private final Closed closed;
  private final Kept kept;
  private final Certificates certificates;
  private final Backends backends;
  private final Grants grants;
  private final Map<ResourceKey, RouteCompiler> routes = new HashMap<>();
  private final GatewayPolicies policies;
  private final Attachments attachments;
  private final StreamRoutes streams;
  private final Balancers balancers;
  private final Providers providers;
  private final Authorizers authorizers;
  private final List<String> problems = new ArrayList<>();

  Compilation(
      Resources files, Surroundings surroundings, BackendSource source, Closed closed, Kept kept) {
    this.files = files;
    this.closed = closed;
    this.kept = kept;
    this.authorizers = new AskedByRoutes(surroundings.inquiries());
    this.backends = source.of(files, kept, problems);
    this.grants = new Grants(files);
    this.certificates = new Certificates(files, grants, kept, problems);
    this.providers =
        new Providers(
            files, backends, surroundings.inquiries(), surroundings.rootNamespaces(), kept);
    this.policies = new GatewayPolicies(files, surroundings, closed, providers, kept, problems);
    this.balancers = new Balancers(files, problems);
    this.attachments = new Attachments(files, problems);
    this.streams =
        new StreamRoutes(attachments, this::routes, surroundings.streams(), kept, problems);
  }

  Compiled compile(String className) {
    SortedMap<Integer, List<Bound>> byPort = new TreeMap<>();
    files
        .resources(GatewayResource.class)
        .filter(gateway -> gateway.className().equals(className))
        .forEach(gateway -> bind(gateway, byPort));
    SortedMap<Integer, Compiled.Port> ports = new TreeMap<>();
    byPort.forEach(
        (number, bound) -> {
          List<Bound> distinct = distinct(bound);
          if (!distinct.isEmpty()) {
            ports.put(number, port(number, distinct));
          }
        });
    Map<ResourceKey, RequestPolicies> connections = new HashMap<>();
    byPort.values().stream()
        .flatMap(List::stream)
        .filter(one -> !one.isHttp())
        .forEach(
            one ->
                connections.computeIfAbsent(
                    one.gateway().key(), _ -> policies.connections(one.gateway())));
    problems.addAll(providers.problems());
    return new Compiled(ports, connections, problems);
  }

  /** Those of a Gateway, which may have a certificate to show to backends. */
  private RouteCompiler routes(GatewayResource gateway) {
    return routes.computeIfAbsent(
        gateway.key(),
        who ->
            new RouteCompiler(
                backends.showing(who, certificates.shown(gateway)),
                grants,
                authorizers,
                closed,
                kept,
                problems));
  }

  /** Its own come first, then those of its sets, the oldest first. */
  private void bind(GatewayResource gateway, Map<Integer, List<Bound>> byPort) {
    gateway.listeners().forEach(one -> bind(new Bound(gateway, one, Optional.empty()), byPort));
    for (ListenerSetResource set : attachments.sets(gateway)) {
      set.listeners().forEach(one -> bind(new Bound(gateway, one, Optional.of(set)), byPort));
    }
  }

  private void bind(Bound bound, Map<Integer, List<Bound>> byPort) {
    GatewayListener listener = bound.listener();
    if (!KINDS.containsKey(listener.protocol())) {
      problems.add(
          "listener %s: protocol %s is not served; write HTTP, HTTPS, TLS or TCP"
              .formatted(bound.name(), listener.protocol()));
    } else if (bound.isTls() && listener.tls().isEmpty()) {
      problems.add(
          "listener %s: protocol TLS needs tls; write its mode Passthrough, or add tls.certificateRefs"
              .formatted(bound.name()));
    } else {
      byPort.computeIfAbsent(listener.port(), _ -> new ArrayList<>()).add(bound);
    }
  }

  /**
   * Those that are served: of two of one owner neither is, of others the first (Gateway API,
   * handling indistinct listeners; GEP-1713).
   */
  private List<Bound> distinct(List<Bound> bound) {
    List<Bound> claims = new ArrayList<>();
    List<Bound> distinct = new ArrayList<>();
    for (Bound one : bound) {
      Optional<Bound> twin = bound.stream().filter(one::isTwin).findFirst();
      Optional<Bound> rival = claims.stream().filter(one::isBehind).findFirst();
      twin.or(() -> rival)
          .ifPresentOrElse(
              other ->
                  problems.add(
                      "listener %s: port %d cannot be both its own and that of listener %s; choose another port or host name"
                          .formatted(one.name(), one.listener().port(), other.name())),
              () -> distinct.add(one));
      if (rival.isEmpty()) {
        claims.add(one);
      }
    }
    return distinct;
  }

  private Compiled.Port port(int number, List<Bound> fitting) {
    Compiled.Kind kind = KINDS.get(fitting.getFirst().listener().protocol());
    fitting.sort(Comparator.comparing(Bound::hostname, Hostname.MOST_SPECIFIC));
    List<Match.Host> tables = fitting.stream().filter(Bound::isHttp).map(this::host).toList();
    Set<String> names = new LinkedHashSet<>();
    fitting.forEach(one -> names.add(one.name()));
    return new Compiled.Port(
        kind,
        kept.of(new PortMatch(number, tables), problems),
        kind == Compiled.Kind.TLS ? ends(fitting) : Map.of(),
        kind == Compiled.Kind.TCP ? streams.tcp(fitting.getFirst()) : null,
        balancers.of(number, fitting),
        names);
  }

  private Map<String, TlsEnd> ends(List<Bound> bound) {
    Map<String, TlsEnd> byHost = new HashMap<>();
    for (Bound one : bound) {
      if (one.isHttp()) {
        certificates.of(one).ifPresent(here -> byHost.put(one.hostname().name(), here));
      } else if (one.isPassedThrough()) {
        streams.passThrough(one, byHost);
      } else {
        certificates.of(one).ifPresent(here -> streams.terminate(one, here, byHost));
      }
    }
    return byHost;
  }

  private Match.Host host(Bound bound) {
    RouteCompiler compiler = routes(bound.gateway());
    List<CompiledRoute> attached = new ArrayList<>();
    attachments
        .of(HttpRouteResource.class, _ -> true, bound)
        .forEach(
            route ->
                bound
                    .hostnames(route.hostnames())
                    .ifPresent(hosts -> attached.add(compiler.compile(bound.key(), route, hosts))));
    return new Match.Host(
        bound.hostname(),
        kept.of(new ListenerTable(bound.key(), attached), problems),
        policies.guards(bound.gateway()));
  }
}
