// SPDX-License-Identifier: Apache-2.0
package dev.culvert.agent.enroll;

import dev.culvert.agent.cni.Sandbox;
import dev.culvert.agent.report.PodReport;
import dev.culvert.policy.mesh.Enrolment;
import dev.culvert.policy.resource.NamespaceResource;
import dev.culvert.policy.resource.PodResource;
import dev.culvert.policy.resource.ResourceError;
import dev.culvert.policy.resource.ResourceFiles;
import java.net.InetAddress;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.SortedSet;
import java.util.TreeSet;
import java.util.function.Function;
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
            .filter(pod -> sandbox.uid().isEmpty() || pod.runtimeUid().equals(sandbox.uid()))
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

  /** Pods that labels ask into the mesh and that stay outside of it. */
  List<PodStatus> leftAlone() {
    return PodSelection.leftAlone(node, files.resources()).entrySet().stream()
        .map(each -> leftAlone(each.getKey(), each.getValue()))
        .toList();
  }

  private static PodStatus leftAlone(PodResource pod, String reason) {
    return new PodStatus(
        title(pod),
        pod.metadata().uid(),
        PodStatus.LEFT_ALONE,
        false,
        Optional.empty(),
        pod.podIps().stream().map(InetAddress::getHostAddress).collect(Collectors.joining(" ")),
        reason);
  }

  /** How each pod of the node stands to the mesh, as far as there is something to tell. */
  List<PodReport> reports(List<PodStatus> statuses) {
    Map<String, PodStatus> byTitle =
        statuses.stream()
            .collect(Collectors.toMap(PodStatus::pod, Function.identity(), Source::closer));
    return PodSelection.ofNode(node, files.resources())
        .map(pod -> report(pod, Optional.ofNullable(byTitle.get(title(pod)))))
        .toList();
  }

  /** Of a pod that is replaced there may be two: the one with a uid that is known is this one's. */
  private static PodStatus closer(PodStatus one, PodStatus other) {
    return other.redirected() ? other : one;
  }

  private static PodReport report(PodResource pod, Optional<PodStatus> status) {
    Optional<PodStatus> own =
        status.filter(each -> each.uid().isEmpty() || each.uid().equals(pod.metadata().uid()));
    return new PodReport(
        pod.metadata().uid(),
        pod.metadata().namespace(),
        pod.metadata().name(),
        own.map(PodStatus::redirected).orElse(false),
        pod.metadata()
            .annotation(Enrolment.REDIRECTION_ANNOTATION)
            .equals(Optional.of(Enrolment.REDIRECTED)),
        own.map(each -> each.state().equals(PodStatus.LEFT_ALONE)).orElse(false),
        own.map(PodStatus::note).orElse(""));
  }

  List<DesiredPod> pods() {
    return PodSelection.select(node, files.resources());
  }
}
