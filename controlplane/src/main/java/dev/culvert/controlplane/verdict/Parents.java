// SPDX-License-Identifier: Apache-2.0
package dev.culvert.controlplane.verdict;

import dev.culvert.policy.resource.GatewayResource;
import dev.culvert.policy.resource.HttpRouteResource.ParentRef;
import dev.culvert.policy.resource.ListenerSetResource;
import java.util.Optional;

/** Finds the listeners of ours that something names. */
final class Parents {
  private final MeshObjects mesh;

  Parents(MeshObjects mesh) {
    this.mesh = mesh;
  }

  /** Who has the listeners of a route's parent; empty when it is no Gateway or set of ours. */
  Optional<ListenerOwner> owner(ParentRef parent) {
    String namespace = parent.to().namespace();
    String name = parent.to().name();
    return switch (parent.to().kind()) {
      case "Gateway" ->
          mesh.gateway(namespace, name).filter(Controllers::isOurs).map(ListenerOwner::of);
      case "ListenerSet" ->
          mesh.listenerSet(namespace, name)
              .flatMap(set -> gateway(set).map(one -> ListenerOwner.of(one, set)));
      default -> Optional.empty();
    };
  }

  /** The Gateway of a set; empty when it is none of ours. */
  Optional<GatewayResource> gateway(ListenerSetResource set) {
    return set.gateway().kind().equals("Gateway")
        ? mesh.gateway(set.gateway().namespace(), set.gateway().name()).filter(Controllers::isOurs)
        : Optional.empty();
  }

  /** Whether the listeners are opened: a Gateway says whose it takes beside its own. */
  boolean isAllowed(ListenerOwner owner) {
    return owner.set().isEmpty()
        || (Controllers.isDoor(owner.gateway())
            && owner
                .gateway()
                .allowedListeners()
                .filter(
                    allowed ->
                        allowed.allows(
                            mesh.namespace(owner.namespace()),
                            owner.gateway().metadata().namespace()))
                .isPresent());
  }
}
