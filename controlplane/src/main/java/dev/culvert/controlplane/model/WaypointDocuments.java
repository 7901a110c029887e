// SPDX-License-Identifier: Apache-2.0
package dev.culvert.controlplane.model;

import dev.culvert.controlplane.discovery.ResourceSet;
import dev.culvert.policy.mesh.FrontDoor;
import dev.culvert.policy.mesh.WaypointName;
import dev.culvert.policy.resource.BackendTlsPolicyResource;
import dev.culvert.policy.resource.ConfigMapResource;
import dev.culvert.policy.resource.GatewayResource;
import dev.culvert.policy.resource.Resource;
import dev.culvert.policy.resource.ResourceKey;
import dev.culvert.policy.resource.TrafficPolicy;
import dev.culvert.policy.wire.waypoint.Target;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * The routes and policies that each Gateway's instances are told: those for itself and for the
 * services that go through it, what lets those routes name services of other namespaces, for a
 * front door its certificates, and no others. Not thread-safe.
 */
final class WaypointDocuments {
  private final List<String> rootNamespaces;
  private final BoundServices bound = new BoundServices();
  private final Map<ResourceKey, ToldDocument> documents = new HashMap<>();
  private Map<WaypointName, ResourceSet> sets = Map.of();
  private Set<ResourceKey> portsTold = Set.of();
  private @Nullable WaypointGateways seen;
  private Map<WaypointName, GatewayResource> doors = Map.of();
  private final Function<ResourceKey, @Nullable Resource> all;

  /**
   * @param all that there is now, told or not
   */
  WaypointDocuments(List<String> rootNamespaces, Function<ResourceKey, @Nullable Resource> all) {
    this.rootNamespaces = rootNamespaces;
    this.all = all;
  }

  /**
   * Takes in a change.
   *
   * @param put resources, of which those count that have a text
   * @param addresses that changed
   * @param gone names of addresses
   * @param open the front doors
   * @return what the instances of each Gateway are told now; the same map when nothing changed
   */
  Map<WaypointName, ResourceSet> update(
      Collection<Resource> put,
      Map<ResourceKey, String> texts,
      Collection<ResourceKey> removed,
      Collection<dev.culvert.policy.wire.discovery.Resource> addresses,
      Collection<String> gone,
      WaypointGateways gateways,
      Map<WaypointName, GatewayResource> open) {
    boolean changed = bound.update(addresses, gone);
    changed |= gateways != seen || !open.equals(doors);
    for (ResourceKey key : removed) {
      changed |= documents.remove(key) != null || portsTold.contains(key);
    }
    for (Resource resource : put) {
      changed |= portsTold.contains(resource.key()) || BackendDocuments.isTold(resource);
      String text = texts.get(resource.key());
      changed |= text != null && put(resource, text);
    }
    if (changed) {
      seen = gateways;
      doors = open;
      portsTold = portsTold();
      sets = sets(gateways);
    }
    return sets;
  }

  private Set<ResourceKey> portsTold() {
    return documents.values().stream()
        .map(ToldDocument::resource)
        .flatMap(resource -> Stream.concat(BackendDocuments.namedPorts(resource), told(resource)))
        .collect(Collectors.toUnmodifiableSet());
  }

  private Stream<ResourceKey> told(Resource route) {
    return GrantDocuments.backends(route)
        .map(backend -> backend.to().key())
        .filter(service -> BackendDocuments.isTold(all.apply(service)));
  }

  private boolean put(Resource resource, String text) {
    ToldDocument told = ToldDocument.of(resource, text);
    ToldDocument before = documents.put(resource.key(), told);
    return before == null || !before.wire().equals(told.wire());
  }

  private Map<WaypointName, ResourceSet> sets(WaypointGateways gateways) {
    Map<WaypointName, GatewayScope> scopes = new HashMap<>();
    Map<Target, List<GatewayScope>> byTarget = new HashMap<>();
    var services = bound.byWaypoint();
    for (WaypointName name : gateways.names()) {
      GatewayResource gateway = gateways.find(name).orElseThrow();
      Set<ObjectName> own = services.getOrDefault(gateways.address(gateway), Set.of());
      GatewayScope scope = scopes.computeIfAbsent(name, _ -> new GatewayScope());
      Stream.concat(own(name, gateway), own.stream().flatMap(WaypointDocuments::service))
          .forEach(target -> byTarget.computeIfAbsent(target, _ -> new ArrayList<>()).add(scope));
    }
    GrantDocuments grants = new GrantDocuments(documents.values());
    DoorDocuments ofDoors = new DoorDocuments(documents, grants);
    Map<WaypointName, FrontDoor> whole = new HashMap<>();
    doors.forEach(
        (name, gateway) -> {
          FrontDoor door = ofDoors.door(gateway);
          whole.put(name, door);
          GatewayScope scope = scopes.computeIfAbsent(name, _ -> new GatewayScope());
          Stream.of(own(name, gateway), everybody(name), sets(door))
              .flatMap(each -> each)
              .forEach(
                  target -> byTarget.computeIfAbsent(target, _ -> new ArrayList<>()).add(scope));
        });
    documents.values().forEach(told -> place(told, byTarget));
    scopes.values().forEach(grants::addToRoutes);
    traffic(scopes.values());
    providers(scopes.values());
    BackendDocuments backends = new BackendDocuments(documents, all);
    scopes.values().forEach(backends::addTo);
    whole.forEach((name, door) -> ofDoors.add(door, scopes.get(name)));
    Map<WaypointName, ResourceSet> next = new HashMap<>();
    scopes.forEach((name, scope) -> next.put(name, scope.after(sets.get(name))));
    return Map.copyOf(next);
  }

  /** How requests are carried is told to those that have the route, or one to the service. */
  private void traffic(Collection<GatewayScope> scopes) {
    Map<Target, List<ToldDocument>> policies = new HashMap<>();
    for (ToldDocument told : documents.values()) {
      if (told.resource() instanceof TrafficPolicy
          || told.resource() instanceof BackendTlsPolicyResource) {
        told.places()
            .forEach(target -> policies.computeIfAbsent(target, _ -> new ArrayList<>()).add(told));
      }
    }
    for (GatewayScope scope : scopes) {
      Stream.concat(
              scope.routes().map(one -> target(one.kind(), namespace(one), one.metadata().name())),
              scope
                  .routes()
                  .flatMap(GrantDocuments::backends)
                  .map(one -> target("Service", one.to().namespace(), one.to().name())))
          .toList()
          .forEach(to -> policies.getOrDefault(to, List.of()).forEach(scope::add));
    }
  }

  /** Who may be asked by policies everybody is told. */
  private void providers(Collection<GatewayScope> scopes) {
    documents.values().stream()
        .filter(
            told ->
                told.resource() instanceof ConfigMapResource config
                    && !config.providers().isEmpty()
                    && rootNamespaces.contains(config.metadata().namespace()))
        .forEach(told -> scopes.forEach(scope -> scope.add(told)));
  }

  private static String namespace(Resource resource) {
    return resource.metadata().namespace();
  }

  /** Policies that name nothing are for all of their namespace, and those of a root for all. */
  private Stream<Target> everybody(WaypointName door) {
    return Stream.concat(Stream.of(door.namespace()), rootNamespaces.stream())
        .distinct()
        .flatMap(
            namespace ->
                Stream.of("", door.name())
                    .map(name -> target(RequestTargets.NAMESPACE, namespace, name)));
  }

  /** Routes may name them. */
  private static Stream<Target> sets(FrontDoor door) {
    return door.sets().stream()
        .map(set -> target(set.kind(), namespace(set), set.metadata().name()));
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

  private static void place(ToldDocument told, Map<Target, List<GatewayScope>> scopes) {
    for (Target target : told.places()) {
      scopes.getOrDefault(target, List.of()).forEach(scope -> scope.add(told));
    }
  }
}
