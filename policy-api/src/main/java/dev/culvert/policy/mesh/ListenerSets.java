// SPDX-License-Identifier: Apache-2.0
package dev.culvert.policy.mesh;

import dev.culvert.policy.resource.GatewayResource;
import dev.culvert.policy.resource.ListenerSetResource;
import dev.culvert.policy.resource.NamespaceResource;
import java.util.function.Function;
import java.util.stream.Stream;

/** Whose listeners a Gateway opens beside its own (Gateway API, ListenerSet). */
public final class ListenerSets {
  private final Function<String, NamespaceResource> namespaces;

  /**
   * @param namespaces by name; one that is not known has no labels but its name
   */
  public ListenerSets(Function<String, NamespaceResource> namespaces) {
    this.namespaces = namespaces;
  }

  /** A Gateway with those of all sets that it allows. */
  public FrontDoor of(GatewayResource gateway, Stream<ListenerSetResource> all) {
    return new FrontDoor(
        gateway,
        all.filter(set -> isOf(set, gateway) && isAllowed(set, gateway))
            .sorted(ListenerSetResource.OLDEST_FIRST)
            .toList());
  }

  /** Whether a set says that it is a Gateway's. */
  public static boolean isOf(ListenerSetResource set, GatewayResource gateway) {
    return set.gateway().kind().equals(gateway.kind())
        && set.gateway().name().equals(gateway.metadata().name())
        && set.gateway().namespace().equals(gateway.metadata().namespace());
  }

  /** Whether a Gateway takes listeners of a set's namespace; none unless it says so. */
  public boolean isAllowed(ListenerSetResource set, GatewayResource gateway) {
    return gateway
        .allowedListeners()
        .filter(
            allowed ->
                allowed.allows(
                    namespaces.apply(set.metadata().namespace()), gateway.metadata().namespace()))
        .isPresent();
  }
}
