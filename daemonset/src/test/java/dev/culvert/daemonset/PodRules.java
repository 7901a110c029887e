// SPDX-License-Identifier: Apache-2.0
package dev.culvert.daemonset;

import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** What an API server and a kubelet ask of a workload beyond its schema. */
final class PodRules {
  private final Manifest workload;
  private final Manifest spec;
  private final List<Manifest> all;

  private PodRules(Manifest workload, List<Manifest> all) {
    this.workload = workload;
    this.spec = workload.pod().orElseThrow().at("spec");
    this.all = all;
  }

  static Stream<String> violations(Manifest workload, List<Manifest> all) {
    PodRules rules = new PodRules(workload, all);
    return Stream.of(rules.selector(), rules.account(), rules.mounts(), rules.containers())
        .flatMap(each -> each);
  }

  private Stream<String> selector() {
    Map<?, ?> wanted = workload.at("spec", "selector", "matchLabels").tree();
    Map<?, ?> labels = workload.at("spec", "template", "metadata", "labels").tree();
    boolean selects = !wanted.isEmpty() && labels.entrySet().containsAll(wanted.entrySet());
    return selects ? Stream.empty() : Stream.of("its selector does not select its pods");
  }

  private Stream<String> account() {
    String name = spec.text("serviceAccountName");
    boolean known =
        all.stream().anyMatch(o -> o.kind().equals("ServiceAccount") && o.name().equals(name));
    return known ? Stream.empty() : Stream.of("there is no ServiceAccount " + name);
  }

  private Stream<String> mounts() {
    Set<String> volumes = names(spec.all("volumes"));
    Set<String> mounted =
        workload.containers().stream()
            .flatMap(container -> container.all("volumeMounts").stream())
            .map(mount -> mount.text("name"))
            .collect(Collectors.toSet());
    return volumes.equals(mounted)
        ? Stream.empty()
        : Stream.of("volumes %s, mounted %s".formatted(volumes, mounted));
  }

  private Stream<String> containers() {
    return workload.containers().stream().flatMap(PodRules::container);
  }

  private static Stream<String> container(Manifest container) {
    return Stream.of(
            unique(container.all("env"), "name"),
            unique(container.all("volumeMounts"), "mountPath"),
            unique(container.all("ports"), "name"),
            shortNames(container.all("ports")),
            capabilities(container))
        .flatMap(each -> each);
  }

  private static Stream<String> unique(List<Manifest> parts, String key) {
    Set<String> seen = new HashSet<>();
    return parts.stream()
        .map(part -> part.text(key))
        .filter(value -> !seen.add(value))
        .map(value -> key + " twice: " + value);
  }

  private static Stream<String> shortNames(List<Manifest> ports) {
    return ports.stream()
        .map(port -> port.text("name"))
        .filter(name -> name.length() > 15)
        .map(name -> "the name of a port has 15 characters at most: " + name);
  }

  /** Kubernetes refuses SYS_ADMIN, and privileged, without the escalation that they are. */
  private static Stream<String> capabilities(Manifest container) {
    Manifest security = container.at("securityContext");
    boolean admin = security.at("capabilities").texts("add").contains("SYS_ADMIN");
    boolean privileged = security.text("privileged").equals("true");
    boolean escalates = !security.text("allowPrivilegeEscalation").equals("false");
    return (admin || privileged) && !escalates
        ? Stream.of("allowPrivilegeEscalation is false beside SYS_ADMIN")
        : Stream.empty();
  }

  private static Set<String> names(List<Manifest> parts) {
    return parts.stream().map(part -> part.text("name")).collect(Collectors.toSet());
  }
}
