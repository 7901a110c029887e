// SPDX-License-Identifier: Apache-2.0
package dev.culvert.controlplane.verdict;

import dev.culvert.policy.resource.GatewayListener;
import dev.culvert.policy.resource.GatewayResource;
import dev.culvert.policy.resource.ListenerSetResource;
import dev.culvert.policy.resource.Resource;
import dev.culvert.policy.resource.ResourceKey;
import java.util.List;
import java.util.Optional;

/**
 * Who has listeners, and is named by routes for them.
 *
 * @param gateway that opens them
 * @param set the ListenerSet whose they are; empty for the Gateway's own
 */
record ListenerOwner(GatewayResource gateway, Optional<ListenerSetResource> set) {
  static ListenerOwner of(GatewayResource gateway) {
    return new ListenerOwner(gateway, Optional.empty());
  }

  static ListenerOwner of(GatewayResource gateway, ListenerSetResource set) {
    return new ListenerOwner(gateway, Optional.of(set));
  }

  Resource resource() {
    return set.isPresent() ? set.get() : gateway;
  }

  ResourceKey key() {
    return resource().key();
  }

  String namespace() {
    return resource().metadata().namespace();
  }

  List<GatewayListener> listeners() {
    return set.map(ListenerSetResource::listeners).orElseGet(gateway::listeners);
  }
}
