// SPDX-License-Identifier: Apache-2.0
package dev.culvert.controlplane.model;

import dev.culvert.controlplane.model.WaypointChoice.Asker;
import dev.culvert.policy.mesh.InboundBinding;
import dev.culvert.policy.mesh.WaypointName;
import dev.culvert.policy.mesh.WaypointScope;
import dev.culvert.policy.mesh.WaypointUse;
import dev.culvert.policy.resource.GatewayResource;
import dev.culvert.policy.resource.NamespaceResource;
import dev.culvert.policy.resource.ObjectMeta;
import dev.culvert.policy.resource.ResourceKey;
import dev.culvert.policy.translate.TranslationNotice;
import dev.culvert.policy.wire.workload.GatewayAddress;
import java.util.LinkedHashSet;
import java.util.Optional;
import java.util.Set;
import java.util.function.Predicate;

/**
 * Which waypoint the connections to a service or workload go through. A waypoint that is asked for
 * and cannot be had refuses them: going around it would be going around its policies.
 */
final class Waypoints {
  private final ResourceIndex index;
  private final WaypointGateways gateways;
  private final Set<TranslationNotice> notices = new LinkedHashSet<>();

  Waypoints(ResourceIndex index) {
    this.index = index;
    this.gateways = index.surroundings().waypoints();
  }

  /**
   * The waypoint of connections to a service.
   *
   * @param wireKey its name on the wire
   */
  Optional<WaypointBinding> ofService(ResourceKey service, ObjectMeta metadata, String wireKey) {
    if (gateways.isPartOfOne(metadata) || gateways.isServiceOfOne(wireKey)) {
      return Optional.empty();
    }
    return of(service, metadata, WaypointScope::takesServices)
        .map(WaypointBinding::to)
        .map(binding -> withCanary(binding, service, metadata));
  }

  /**
   * The waypoint of connections to the address of a workload.
   *
   * @param services that it is behind, by their names on the wire
   */
  Optional<GatewayAddress> ofWorkload(
      ResourceKey workload, ObjectMeta metadata, Set<String> services) {
    return isInstance(metadata, services)
        ? Optional.empty()
        : of(workload, metadata, WaypointScope::takesWorkloads);
  }

  /**
   * Whether a workload is a waypoint. Being behind one's service counts in the own namespace only:
   * another could put it there to take its waypoint away.
   */
  boolean isInstance(ObjectMeta metadata, Set<String> services) {
    return gateways.isPartOfOne(metadata)
        || services.stream()
            .filter(key -> key.startsWith(metadata.namespace() + "/"))
            .anyMatch(gateways::isServiceOfOne);
  }

  /** How a workload that is a waypoint takes what the node's proxy carries to it. */
  Optional<InboundBinding> binding(ObjectMeta metadata) {
    return gateways.binding(metadata);
  }

  /** What is wrong with what was asked until now. */
  Set<TranslationNotice> notices() {
    return notices;
  }

  private Optional<GatewayAddress> of(
      ResourceKey key, ObjectMeta metadata, Predicate<WaypointScope> fits) {
    NamespaceResource namespace = index.namespace(metadata.namespace());
    return WaypointChoice.of(key, metadata, namespace, gateways, fits).flatMap(this::bind);
  }

  private Optional<GatewayAddress> bind(WaypointChoice choice) {
    if (choice.problem().isPresent()) {
      notice(choice.asker(), choice.problem().get() + "; until then its connections are refused");
      return Optional.of(WaypointGateways.nowhere(choice.name()));
    }
    if (!choice.fits()) {
      unfit(choice);
      return Optional.empty();
    }
    return gateways.find(choice.name()).map(gateways::address);
  }

  /** What a namespace asks for is for those in it that it fits. */
  private void unfit(WaypointChoice choice) {
    if (!choice.asker().metadata().namespace().isEmpty()) {
      notice(choice.asker(), ServiceBindings.unfit(choice, choice.asker().key()));
    }
  }

  /** The canary of the nearest that names one; a namespace cannot give one to a service's own. */
  private WaypointBinding withCanary(
      WaypointBinding primary, ResourceKey service, ObjectMeta metadata) {
    NamespaceResource namespace = index.namespace(metadata.namespace());
    for (Asker asker : WaypointChoice.askers(service, metadata, namespace)) {
      Optional<WaypointName> canary = WaypointUse.canary(asker.metadata(), metadata.namespace());
      if (canary.isPresent()) {
        return shared(primary, asker, canary.get(), namespace);
      }
      if (WaypointUse.of(asker.metadata(), metadata.namespace()).isPresent()) {
        return primary;
      }
    }
    return primary;
  }

  private WaypointBinding shared(
      WaypointBinding primary, Asker asker, WaypointName canary, NamespaceResource namespace) {
    Optional<GatewayResource> found = gateways.find(canary);
    Optional<String> problem = WaypointChoice.problem(canary, found, namespace);
    if (problem.isPresent() || !WaypointScope.of(found.get()).takesServices()) {
      notice(
          asker,
          "the canary has no share: "
              + problem.orElse("waypoint %s is not for services".formatted(canary)));
      return primary;
    }
    return primary.sharedWith(gateways.address(found.get()), weight(asker));
  }

  private int weight(Asker asker) {
    String written = WaypointUse.canaryWeight(asker.metadata()).orElse("0");
    if (written.matches("[0-9]{1,2}|100")) {
      return Integer.parseInt(written);
    }
    notice(
        asker,
        "the canary has no share: annotation %s is '%s'; write 0 to 100"
            .formatted(WaypointUse.CANARY_WEIGHT.getFirst(), written));
    return 0;
  }

  private void notice(Asker asker, String text) {
    notices.add(new TranslationNotice(asker.key(), text));
  }
}
