// SPDX-License-Identifier: Apache-2.0
package dev.culvert.controlplane.model;

import dev.culvert.controlplane.discovery.ResourceSet;
import dev.culvert.controlplane.discovery.TypeUrl;
import dev.culvert.policy.mesh.WaypointName;
import dev.culvert.policy.resource.ConfigMapResource;
import dev.culvert.policy.resource.GatewayResource;
import dev.culvert.policy.resource.HttpRouteFilter;
import dev.culvert.policy.resource.HttpRouteResource;
import dev.culvert.policy.resource.HttpRouteResource.BackendRef;
import dev.culvert.policy.resource.ReferenceGrantResource;
import dev.culvert.policy.resource.Resource;
import dev.culvert.policy.resource.ResourceKey;
import dev.culvert.policy.resource.TrafficPolicy;
import dev.culvert.policy.wire.waypoint.Document;
import dev.culvert.policy.wire.waypoint.Target;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * The routes and policies that each waypoint is told: those for itself and for the services that go
 * through it, what lets those routes name services of other namespaces, and no others. Not
 * thread-safe.
 */
final class WaypointDocuments {
  private static final String GATEWAY_API = "gateway.networking.k8s.io";

  private final List<String> rootNamespaces;
  private final BoundServices bound = new BoundServices();
  private final Map<ResourceKey, Told> documents = new HashMap<>();
  private Map<WaypointName, ResourceSet> sets = Map.of();
  private @Nullable WaypointGateways seen;

  /** A resource, and as it is told. */
  private record Told(
      Resource resource, List<Target> targets, dev.culvert.policy.wire.discovery.Resource wire) {}

  WaypointDocuments(List<String> rootNamespaces) {
    this.rootNamespaces = rootNamespaces;
  }

  /**
   * Takes in a change.
   *
   * @param put resources, of which those count that have a text
   * @param addresses that changed
   * @param gone names of addresses
   * @return what each waypoint is told now; the same map when nothing changed
   */
  Map<WaypointName, ResourceSet> update(
      Collection<Resource> put,
      Map<ResourceKey, String> texts,
      Collection<ResourceKey> removed,
      Collection<dev.culvert.policy.wire.discovery.Resource> addresses,
      Collection<String> gone,
      WaypointGateways gateways) {
    boolean changed = bound.update(addresses, gone);
    changed |= gateways != seen;
    for (ResourceKey key : removed) {
      changed |= documents.remove(key) != null;
    }
    for (Resource resource : put) {
      String text = texts.get(resource.key());
      changed |= text != null && put(resource, text);
    }
    if (changed) {
      seen = gateways;
      sets = sets(gateways);
    }
    return sets;
  }

  private boolean put(Resource resource, String text) {
    List<Target> targets = RequestTargets.of(resource);
    Document document = Document.newBuilder().setJson(text).addAllTargets(targets).build();
    Told told =
        new Told(
            resource,
            targets,
            ResourceSet.resource(TypeUrl.DOCUMENT, resource.key().toString(), List.of(), document));
    Told before = documents.put(resource.key(), told);
    return before == null || !before.wire.equals(told.wire);
  }

  private Map<WaypointName, ResourceSet> sets(WaypointGateways gateways) {
    Map<WaypointName, Scope> scopes = new HashMap<>();
    Map<Target, List<Scope>> byTarget = new HashMap<>();
    var services = bound.byWaypoint();
    for (WaypointName name : gateways.names()) {
      GatewayResource gateway = gateways.find(name).orElseThrow();
      Scope scope = new Scope();
      scopes.put(name, scope);
      Stream.concat(
              own(name, gateway),
              services.getOrDefault(gateways.address(gateway), Set.of()).stream()
                  .flatMap(WaypointDocuments::service))
          .forEach(target -> byTarget.computeIfAbsent(target, _ -> new ArrayList<>()).add(scope));
    }
    documents.values().forEach(told -> place(told, byTarget));
    grants(scopes.values());
    traffic(scopes.values());
    providers(scopes.values());
    Map<WaypointName, ResourceSet> next = new HashMap<>();
    scopes.forEach((name, scope) -> next.put(name, scope.after(sets.get(name))));
    return Map.copyOf(next);
  }

  private Stream<Target> own(WaypointName name, GatewayResource gateway) {
    return Stream.concat(
        Stream.of(target("Gateway", name.namespace(), name.name())),
        rootNamespaces.stream().map(root -> target("GatewayClass", root, gateway.className())));
  }

  /** A policy may name it by either kind; on the wire it is one service. */
  private static Stream<Target> service(ObjectName service) {
    return Stream.of("Service", "ServiceEntry")
        .map(kind -> target(kind, service.namespace(), service.name()));
  }

  private static Target target(String kind, String namespace, String name) {
    return Target.newBuilder().setKind(kind).setNamespace(namespace).setName(name).build();
  }

  private static void place(Told told, Map<Target, List<Scope>> scopes) {
    for (Target target : told.targets) {
      scopes.getOrDefault(target, List.of()).forEach(scope -> scope.add(told));
    }
  }

  /** A grant is told to those that have a route which it lets name something. */
  private void grants(Collection<Scope> scopes) {
    Map<String, List<Told>> grants = new HashMap<>();
    for (Told told : documents.values()) {
      if (told.resource instanceof ReferenceGrantResource) {
        grants
            .computeIfAbsent(told.resource.metadata().namespace(), _ -> new ArrayList<>())
            .add(told);
      }
    }
    for (Scope scope : scopes) {
      scope.routes().forEach(route -> granting(route, grants).forEach(scope::add));
    }
  }

  /** How requests to a service are carried is told to those that have a route to it. */
  private void traffic(Collection<Scope> scopes) {
    Map<Target, List<Told>> policies = new HashMap<>();
    for (Told told : documents.values()) {
      if (told.resource instanceof TrafficPolicy) {
        told.targets.forEach(
            target -> policies.computeIfAbsent(target, _ -> new ArrayList<>()).add(told));
      }
    }
    for (Scope scope : scopes) {
      scope
          .routes()
          .flatMap(WaypointDocuments::backends)
          .map(backend -> target("Service", backend.to().namespace(), backend.to().name()))
          .forEach(service -> policies.getOrDefault(service, List.of()).forEach(scope::add));
    }
  }

  /** Who may be asked by policies everybody is told. */
  private void providers(Collection<Scope> scopes) {
    documents.values().stream()
        .filter(
            told ->
                told.resource instanceof ConfigMapResource config
                    && !config.providers().isEmpty()
                    && rootNamespaces.contains(config.metadata().namespace()))
        .forEach(told -> scopes.forEach(scope -> scope.add(told)));
  }

  private static Stream<Told> granting(HttpRouteResource route, Map<String, List<Told>> grants) {
    String own = route.metadata().namespace();
    return backends(route)
        .filter(backend -> !backend.to().namespace().equals(own))
        .flatMap(
            backend ->
                grants.getOrDefault(backend.to().namespace(), List.of()).stream()
                    .filter(
                        told ->
                            told.resource instanceof ReferenceGrantResource grant
                                && grant.allows(GATEWAY_API, route.kind(), own, backend.to())));
  }

  private static Stream<BackendRef> backends(HttpRouteResource route) {
    return route.rules().stream()
        .flatMap(
            rule ->
                Stream.concat(
                    rule.backends().stream(),
                    rule.changes().stream()
                        .filter(HttpRouteFilter.Mirror.class::isInstance)
                        .map(filter -> ((HttpRouteFilter.Mirror) filter).to())));
  }

  /** What one waypoint is told. */
  private static final class Scope {
    private final Map<String, Told> own = new LinkedHashMap<>();

    void add(Told told) {
      own.put(told.wire.getName(), told);
    }

    /** Those that are there now: others may be added while they are looked at. */
    Stream<HttpRouteResource> routes() {
      return List.copyOf(own.values()).stream()
          .map(Told::resource)
          .filter(HttpRouteResource.class::isInstance)
          .map(HttpRouteResource.class::cast);
    }

    /** The set that follows on what was told before. */
    ResourceSet after(@Nullable ResourceSet known) {
      ResourceSet before = Optional.ofNullable(known).orElse(ResourceSet.EMPTY);
      Set<String> gone = new HashSet<>();
      before.forEach(resource -> gone.add(resource.getName()));
      gone.removeAll(own.keySet());
      return before.with(own.values().stream().map(Told::wire).toList(), gone);
    }
  }
}
