// SPDX-License-Identifier: Apache-2.0
package dev.culvert.controlplane.model;

import dev.culvert.controlplane.discovery.DiscoverySnapshot;
import dev.culvert.policy.translate.TranslationNotice;
import java.util.Collection;
import java.util.List;

/**
 * Everything that follows from the resources in force at one moment. Immutable.
 *
 * @param discovery what proxies are told
 * @param nodePods whose certificates a node may ask for
 * @param notices what of the resources has no effect, or another one than was meant
 */
public record MeshModel(
    DiscoverySnapshot discovery, NodePods nodePods, List<TranslationNotice> notices) {

  /** The model of these resources; the order in which they come does not matter. */
  public static MeshModel of(
      Collection<dev.culvert.policy.resource.Resource> resources, MeshNames names) {
    return new IncrementalModel(names).update(resources, List.of());
  }
}
