// SPDX-License-Identifier: Apache-2.0
package dev.culvert.controlplane.model;

import dev.culvert.policy.mesh.WaypointName;
import dev.culvert.policy.mesh.WaypointScope;
import dev.culvert.policy.resource.GatewayResource;
import dev.culvert.policy.resource.NamespaceResource;
import dev.culvert.policy.resource.ObjectMeta;
import dev.culvert.policy.resource.ResourceKey;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;

/** Which services go through which waypoint, by the rules of their translation. */
public final class ServiceBindings {
  private final WaypointGateways gateways;
  private final Function<String, NamespaceResource> namespaces;
  private final MeshNames names;

  /**
   * The waypoint that a service asks for.
   *
   * @param problem why its connections are refused, and the remedy; empty when it is bound
   */
  public record Binding(WaypointName waypoint, Optional<String> problem) {
    /** Whether its connections go through the waypoint. */
    public boolean holds() {
      return problem.isEmpty();
    }
  }

  /**
   * @param gateways all there are
   * @param namespaces finds one by its name
   */
  public ServiceBindings(
      List<GatewayResource> gateways,
      Function<String, NamespaceResource> namespaces,
      MeshNames names) {
    this.gateways = new WaypointGateways(gateways, names);
    this.namespaces = namespaces;
    this.names = names;
  }

  /** The binding of a Service; empty for one that uses none. */
  public Optional<Binding> ofService(ObjectMeta service) {
    return of(
        new ResourceKey("Service", service.namespace(), service.name()),
        service,
        List.of(names.serviceKey(service.namespace(), service.name())));
  }

  /** The binding of the hosts of a ServiceEntry; empty for one that uses none. */
  public Optional<Binding> ofServiceEntry(ObjectMeta entry, List<String> hosts) {
    return of(
        new ResourceKey("ServiceEntry", entry.namespace(), entry.name()),
        entry,
        hosts.stream().map(host -> entry.namespace() + "/" + host).toList());
  }

  /** What a namespace asks for is for those in it that it fits. */
  private Optional<Binding> of(ResourceKey key, ObjectMeta metadata, List<String> wireKeys) {
    if (gateways.isPartOfOne(metadata) || wireKeys.stream().anyMatch(gateways::isServiceOfOne)) {
      return Optional.empty();
    }
    NamespaceResource namespace = namespaces.apply(metadata.namespace());
    return WaypointChoice.of(key, metadata, namespace, gateways, WaypointScope::takesServices)
        .flatMap(
            choice -> {
              if (choice.problem().isPresent() || choice.fits()) {
                return Optional.of(new Binding(choice.name(), choice.problem()));
              }
              return choice.asker().key().equals(key)
                  ? Optional.of(new Binding(choice.name(), Optional.of(unfit(choice, key))))
                  : Optional.empty();
            });
  }

  /** For those who asked for it themselves. */
  static String unfit(WaypointChoice choice, ResourceKey asker) {
    return "its waypoint %s is not for a %s and is not used: see label %s of the Gateway"
        .formatted(choice.name(), asker.kind(), WaypointScope.LABELS.getFirst());
  }
}
