// SPDX-License-Identifier: Apache-2.0
package dev.culvert.controlplane.model;

import dev.culvert.policy.resource.EndpointSliceResource;
import dev.culvert.policy.resource.GatewayResource;
import dev.culvert.policy.resource.NamespaceResource;
import dev.culvert.policy.resource.NodeResource;
import dev.culvert.policy.resource.ObjectMeta;
import dev.culvert.policy.resource.PodResource;
import dev.culvert.policy.resource.Resource;
import dev.culvert.policy.resource.ServiceEntryResource;
import dev.culvert.policy.resource.ServiceResource;
import dev.culvert.policy.resource.WorkloadEntryResource;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;

/**
 * The resources by kind, each kind in the order of namespace and name.
 *
 * @param pods without those that have ended
 * @param services without ExternalName, which is an answer of DNS and nothing that listens
 * @param slices by the service they belong to, as {@code NAMESPACE/NAME}
 */
record ResourceIndex(
    List<PodResource> pods,
    List<ServiceResource> services,
    Map<String, List<EndpointSliceResource>> slices,
    List<GatewayResource> gateways,
    List<ServiceEntryResource> serviceEntries,
    List<WorkloadEntryResource> workloadEntries,
    Map<String, NamespaceResource> namespaces,
    Map<String, NodeResource> nodes) {

  private static final Comparator<Resource> ORDER =
      Comparator.comparing((Resource resource) -> resource.metadata().namespace())
          .thenComparing(resource -> resource.metadata().name());

  static ResourceIndex of(Collection<Resource> resources) {
    List<ServiceResource> services =
        sorted(resources, ServiceResource.class).stream()
            .filter(service -> !service.type().equals("ExternalName"))
            .toList();
    List<PodResource> pods =
        sorted(resources, PodResource.class).stream().filter(pod -> !pod.isFinished()).toList();
    return new ResourceIndex(
        pods,
        services,
        slices(sorted(resources, EndpointSliceResource.class)),
        sorted(resources, GatewayResource.class),
        sorted(resources, ServiceEntryResource.class),
        sorted(resources, WorkloadEntryResource.class),
        byName(sorted(resources, NamespaceResource.class)),
        byName(sorted(resources, NodeResource.class)));
  }

  /** A namespace; one that nobody wrote down has no labels. */
  NamespaceResource namespace(String name) {
    NamespaceResource known = namespaces.get(name);
    return known != null
        ? known
        : new NamespaceResource(
            new ObjectMeta("", name, name, Map.of(), Map.of(), Optional.empty()));
  }

  /** The label of a node, empty when the node or the label is not there. */
  String nodeLabel(String node, String label) {
    NodeResource known = nodes.get(node);
    return known == null ? "" : known.metadata().label(label).orElse("");
  }

  List<EndpointSliceResource> slices(ServiceResource service) {
    return slices.getOrDefault(name(service.metadata()), List.of());
  }

  static String name(ObjectMeta metadata) {
    return metadata.namespace() + "/" + metadata.name();
  }

  private static <T extends Resource> List<T> sorted(Collection<Resource> all, Class<T> type) {
    return all.stream().filter(type::isInstance).map(type::cast).sorted(ORDER).toList();
  }

  private static <T extends Resource> Map<String, T> byName(List<T> resources) {
    return resources.stream()
        .collect(Collectors.toMap(one -> one.metadata().name(), one -> one, (a, b) -> b));
  }

  private static Map<String, List<EndpointSliceResource>> slices(
      List<EndpointSliceResource> slices) {
    Map<String, List<EndpointSliceResource>> byService = new HashMap<>();
    for (EndpointSliceResource slice : slices) {
      slice
          .serviceName()
          .map(name -> slice.metadata().namespace() + "/" + name)
          .ifPresent(key -> byService.computeIfAbsent(key, k -> new ArrayList<>()).add(slice));
    }
    return byService;
  }
}
