// SPDX-License-Identifier: Apache-2.0
package dev.culvert.controlplane.model;

import dev.culvert.controlplane.discovery.DiscoverySnapshot;
import dev.culvert.controlplane.discovery.ResourceSet;
import dev.culvert.controlplane.discovery.TypeUrl;
import dev.culvert.policy.authz.PolicyKey;
import dev.culvert.policy.translate.MeshPolicies;
import dev.culvert.policy.translate.TranslationNotice;
import dev.culvert.policy.wire.discovery.Resource;
import dev.culvert.policy.wire.security.Authorization;
import java.util.Collection;
import java.util.List;
import java.util.stream.Stream;

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
    ResourceIndex index = ResourceIndex.of(resources);
    MeshPolicies policies = MeshPolicies.of(resources, names.rootNamespaces());
    Addresses addresses = new Addresses(index, names, policies);
    return new MeshModel(
        new DiscoverySnapshot(
            ResourceSet.of(addresses.resources()),
            ResourceSet.of(policies.authorizations().stream().map(MeshModel::resource).toList())),
        NodePods.of(index, names),
        Stream.concat(policies.notices().stream(), addresses.notices()).toList());
  }

  private static Resource resource(Authorization policy) {
    String name = new PolicyKey(policy.getNamespace(), policy.getName()).toString();
    return ResourceSet.resource(TypeUrl.AUTHORIZATION, name, List.of(), policy);
  }
}
