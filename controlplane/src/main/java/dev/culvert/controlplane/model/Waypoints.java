// SPDX-License-Identifier: Apache-2.0
package dev.culvert.controlplane.model;

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
import java.util.List;
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

  /** What asks for a waypoint: the thing itself, or its namespace. */
  private record Asker(ResourceKey key, ObjectMeta metadata) {}

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

  /** What is wrong with what was asked until now. */
  Set<TranslationNotice> notices() {
    return notices;
  }

  private Optional<GatewayAddress> of(
      ResourceKey key, ObjectMeta metadata, Predicate<WaypointScope> fits) {
    NamespaceResource namespace = index.namespace(metadata.namespace());
    for (Asker asker : askers(key, metadata, namespace)) {
      Optional<WaypointUse> use = WaypointUse.of(asker.metadata(), metadata.namespace());
      if (use.isPresent()) {
        return use.get().waypoint().flatMap(name -> bind(asker, name, namespace, fits));
      }
    }
    return Optional.empty();
  }

  private static List<Asker> askers(
      ResourceKey key, ObjectMeta metadata, NamespaceResource namespace) {
    return List.of(new Asker(key, metadata), new Asker(namespace.key(), namespace.metadata()));
  }

  private Optional<GatewayAddress> bind(
      Asker asker, WaypointName name, NamespaceResource from, Predicate<WaypointScope> fits) {
    Optional<GatewayResource> found = gateways.find(name);
    Optional<String> problem = problem(name, found, from);
    if (problem.isPresent()) {
      notice(asker, problem.get() + "; until then its connections are refused");
      return Optional.of(WaypointGateways.nowhere(name));
    }
    if (!fits.test(WaypointScope.of(found.get()))) {
      unfit(asker, name);
      return Optional.empty();
    }
    return found.map(gateways::address);
  }

  /** What a namespace asks for is for those in it that it fits. */
  private void unfit(Asker asker, WaypointName name) {
    if (!asker.metadata().namespace().isEmpty()) {
      notice(
          asker,
          "its waypoint %s is not for a %s and is not used: see label %s of the Gateway"
              .formatted(name, asker.key().kind(), WaypointScope.LABELS.getFirst()));
    }
  }

  private static Optional<String> problem(
      WaypointName name, Optional<GatewayResource> found, NamespaceResource from) {
    if (found.isEmpty()) {
      return Optional.of(
          ("its waypoint %s is not there: apply a Gateway of this name and class culvert-waypoint,"
                  + " or correct the label")
              .formatted(name));
    }
    if (!WaypointGateways.allows(found.get(), from)) {
      return Optional.of(
          ("its waypoint %s does not take namespace %s: allow it in allowedRoutes of the HBONE"
                  + " listener of the Gateway, or correct the label")
              .formatted(name, from.metadata().name()));
    }
    return Optional.empty();
  }

  /** The canary of the nearest that names one; a namespace cannot give one to a service's own. */
  private WaypointBinding withCanary(
      WaypointBinding primary, ResourceKey service, ObjectMeta metadata) {
    NamespaceResource namespace = index.namespace(metadata.namespace());
    for (Asker asker : askers(service, metadata, namespace)) {
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
    Optional<String> problem = problem(canary, found, namespace);
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
