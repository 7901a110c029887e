// SPDX-License-Identifier: Apache-2.0
package dev.culvert.agent.enroll;

import dev.culvert.agent.cni.Sandbox;
import dev.culvert.policy.mesh.Enrolment;
import dev.culvert.policy.resource.NamespaceResource;
import dev.culvert.policy.resource.PodResource;
import dev.culvert.policy.resource.ResourceError;
import dev.culvert.policy.resource.ResourceFiles;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.SortedSet;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The folder's resources as last read; each error is logged once while it lasts. */
final class Source {
  private static final Logger LOG = LoggerFactory.getLogger(Source.class);

  private final String node;
  private final Set<String> reported = new HashSet<>();
  private ResourceFiles files = ResourceFiles.empty();
  private boolean read;
  private boolean readWhole;

  Source(String node) {
    this.node = node;
  }

  void update(Map<String, String> contents) {
    files = files.with(contents);
    read = true;
    readWhole |= files.errors().isEmpty();
    report(files.errors());
  }

  private void report(List<ResourceError> errors) {
    Set<String> now = errors.stream().map(ResourceError::toString).collect(Collectors.toSet());
    now.stream()
        .filter(error -> !reported.contains(error))
        .sorted()
        .forEach(error -> LOG.warn("source: {}; what the file said before stays", error));
    reported.clear();
    reported.addAll(now);
  }

  /** Whether the folder was read at all. */
  boolean isRead() {
    return read;
  }

  /**
   * Whether every file could be taken at some time: only then is a pod that the source does not
   * name known to be unwanted, and not merely hidden in a file that is broken since the start.
   */
  boolean isComplete() {
    return readWhole;
  }

  /**
   * How a pod that the runtime starts stands to the mesh; empty when the source must tell first.
   */
  Optional<Boolean> wants(Sandbox sandbox) {
    List<PodResource> found =
        files
            .resources(PodResource.class)
            .filter(pod -> pod.nodeName().equals(node))
            .filter(pod -> sandbox.title().equals(title(pod)))
            .filter(pod -> sandbox.uid().isEmpty() || pod.metadata().uid().equals(sandbox.uid()))
            .toList();
    return found.stream()
        .findFirst()
        .map(_ -> pods().stream().anyMatch(pod -> EnrolledSandboxes.isOf(sandbox, pod)));
  }

  private static String title(PodResource pod) {
    return pod.metadata().namespace() + "/" + pod.metadata().name();
  }

  /** Whether a namespace is known, and not one of the mesh. */
  boolean isOutside(String namespace) {
    return files
        .resources(NamespaceResource.class)
        .anyMatch(each -> each.metadata().name().equals(namespace) && !Enrolment.isCaptured(each));
  }

  /** Of namespaces in the mesh, and of those with pods that are by their own label. */
  SortedSet<String> enrolledNamespaces() {
    SortedSet<String> names = new TreeSet<>();
    pods().forEach(pod -> names.add(pod.namespace()));
    files
        .resources(NamespaceResource.class)
        .filter(Enrolment::isCaptured)
        .forEach(each -> names.add(each.metadata().name()));
    return names;
  }

  List<DesiredPod> pods() {
    return PodSelection.select(node, files.resources());
  }
}
