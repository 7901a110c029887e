// SPDX-License-Identifier: Apache-2.0
package dev.culvert.agent.enroll;

import static java.util.function.Function.identity;
import static java.util.stream.Collectors.toMap;

import dev.culvert.policy.mesh.Enrolment;
import dev.culvert.policy.resource.NamespaceResource;
import dev.culvert.policy.resource.ObjectMeta;
import dev.culvert.policy.resource.PodResource;
import dev.culvert.policy.resource.Resource;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;

/** Finds the pods that are to be enrolled on one node. Pure. */
final class PodSelection {
  private PodSelection() {}

  static List<DesiredPod> select(String node, Collection<Resource> resources) {
    Map<String, NamespaceResource> namespaces = namespaces(resources);
    return ofNode(node, resources)
        .filter(pod -> Enrolment.isCaptured(namespace(pod, namespaces), pod))
        .map(PodSelection::desired)
        .toList();
  }

  /** Pods that run on the node, or are to. */
  static Stream<PodResource> ofNode(String node, Collection<Resource> resources) {
    return resources.stream()
        .filter(PodResource.class::isInstance)
        .map(PodResource.class::cast)
        .filter(pod -> pod.nodeName().equals(node) && !pod.isFinished());
  }

  /** Pods that labels ask into the mesh and that cannot be in it, each with the reason. */
  static Map<PodResource, String> leftAlone(String node, Collection<Resource> resources) {
    Map<String, NamespaceResource> namespaces = namespaces(resources);
    Map<PodResource, String> reasons = new LinkedHashMap<>();
    ofNode(node, resources)
        .forEach(
            pod ->
                Enrolment.leftAlone(namespace(pod, namespaces), pod)
                    .ifPresent(reason -> reasons.put(pod, reason)));
    return reasons;
  }

  private static Map<String, NamespaceResource> namespaces(Collection<Resource> resources) {
    return resources.stream()
        .filter(NamespaceResource.class::isInstance)
        .map(NamespaceResource.class::cast)
        .collect(toMap(each -> each.metadata().name(), identity(), (first, _) -> first));
  }

  /** A namespace that nobody wrote down has no labels. */
  private static NamespaceResource namespace(
      PodResource pod, Map<String, NamespaceResource> namespaces) {
    String name = pod.metadata().namespace();
    return namespaces.getOrDefault(
        name,
        new NamespaceResource(
            new ObjectMeta("", name, name, Map.of(), Map.of(), Optional.empty())));
  }

  private static DesiredPod desired(PodResource pod) {
    ObjectMeta metadata = pod.metadata();
    return new DesiredPod(
        metadata.uid(),
        pod.runtimeUid(),
        metadata.namespace(),
        metadata.name(),
        pod.serviceAccountName(),
        pod.netns(),
        pod.podIps());
  }
}
