// SPDX-License-Identifier: Apache-2.0
package dev.culvert.controlplane.model;

import dev.culvert.policy.resource.EndpointSliceResource;
import dev.culvert.policy.resource.NamespaceResource;
import dev.culvert.policy.resource.ObjectMeta;
import dev.culvert.policy.resource.PodResource;
import dev.culvert.policy.resource.ServiceEntryResource;
import dev.culvert.policy.resource.ServiceResource;
import dev.culvert.policy.resource.WorkloadEntryResource;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Set;
import java.util.function.Function;

/**
 * The resources of some namespaces by kind, each kind in the order of namespace and name.
 *
 * @param pods without those that have ended
 * @param services without ExternalName, which is an answer of DNS and nothing that listens
 * @param surroundings what is looked at beyond these namespaces
 */
record ResourceIndex(
    Set<String> namespaces,
    List<PodResource> pods,
    List<ServiceResource> services,
    List<ServiceEntryResource> serviceEntries,
    List<WorkloadEntryResource> workloadEntries,
    Map<String, NamespaceContents> contents,
    Surroundings surroundings) {

  /** The part of a mesh that is in these namespaces. */
  static ResourceIndex of(
      NavigableMap<String, NamespaceContents> contents, Surroundings surroundings) {
    return new ResourceIndex(
        contents.keySet(),
        all(contents, one -> one.pods),
        all(contents, one -> one.services),
        all(contents, one -> one.serviceEntries),
        all(contents, one -> one.workloadEntries),
        contents,
        surroundings);
  }

  /** A namespace; one that nobody wrote down has no labels. */
  NamespaceResource namespace(String name) {
    return surroundings.namespace(name);
  }

  /** The label of a node, empty when the node or the label is not there. */
  String nodeLabel(String node, String label) {
    return surroundings.nodeLabel(node, label);
  }

  Collection<EndpointSliceResource> slices(ServiceResource service) {
    ObjectMeta metadata = service.metadata();
    return contents.get(metadata.namespace()).slices(metadata.name());
  }

  static String name(ObjectMeta metadata) {
    return metadata.namespace() + "/" + metadata.name();
  }

  private static <T> List<T> all(
      NavigableMap<String, NamespaceContents> contents,
      Function<NamespaceContents, NavigableMap<String, T>> kind) {
    return contents.values().stream().flatMap(one -> kind.apply(one).values().stream()).toList();
  }
}
