// SPDX-License-Identifier: Apache-2.0
package dev.culvert.agent.probes;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/** The groups that a kubelet makes for pods, below the cgroup of a node. */
record PodGroups(Path node) {
  /** Of both cgroup drivers, below a root of its own too: kubelet-kubepods.slice in kind. */
  private static final Pattern PODS = Pattern.compile("(?:.*-)?kubepods(?:\\.slice)?");

  /** Of a kubelet that runs without the groups for classes of service: pods stand by themselves. */
  private static final Pattern POD =
      Pattern.compile("(?:.*-)?pod[0-9a-f]{8}([_-])[0-9a-f]{4}\\1[0-9a-f_-]+(?:\\.slice)?");

  /** Cgroups can be nested without end; kubelets put pods no deeper than this. */
  private static final int DEPTH = 6;

  /**
   * Refuses a group through which a pod would pass as the kubelet.
   *
   * @throws IOException that says why, and what to name instead
   */
  void requireOutside(Path group) throws IOException {
    if (group.equals(node)) {
      throw refused(group, "holds every process of the node");
    }
    Optional<Path> around = around(group);
    if (around.isPresent()) {
      throw refused(group, "is among the pods, in " + around.get());
    }
    Optional<Path> pods = inside(group);
    if (pods.isPresent()) {
      throw refused(group, "holds the pods, in " + pods.get());
    }
  }

  private static IOException refused(Path group, String why) {
    return new IOException(
        "%s %s, which could then all reach pods as the kubelet does, past every policy; name the kubelet's own group, such as system.slice/kubelet.service"
            .formatted(group, why));
  }

  private Optional<Path> around(Path group) {
    for (Path each = group; each != null && !each.equals(node); each = each.getParent()) {
      if (isOfPods(each)) {
        return Optional.of(each);
      }
    }
    return Optional.empty();
  }

  private static Optional<Path> inside(Path group) throws IOException {
    try (Stream<Path> all = Files.find(group, DEPTH, (_, what) -> what.isDirectory())) {
      return all.filter(PodGroups::isOfPods).findFirst();
    } catch (UncheckedIOException e) {
      throw new IOException(group + ": changed while it was looked at", e);
    }
  }

  private static boolean isOfPods(Path folder) {
    String name = folder.getFileName().toString();
    return PODS.matcher(name).matches() || POD.matcher(name).matches();
  }
}
