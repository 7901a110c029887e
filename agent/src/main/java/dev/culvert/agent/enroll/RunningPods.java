// SPDX-License-Identifier: Apache-2.0
package dev.culvert.agent.enroll;

import dev.culvert.linux.file.Cgroup;
import dev.culvert.linux.socket.NetworkNamespace;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * Finds the network namespaces of pods that run already: by the processes in the cgroup that the
 * kubelet made for a pod's uid. That a namespace is the pod's is believed only when it has the
 * pod's addresses. One thread.
 */
final class RunningPods {
  /** Below the root: kubelet.slice/kubelet-kubepods.slice/its class/the pod, as in kind. */
  private static final int DEPTH = 5;

  /** The oldest process is the sandbox's own; a pod could make namespaces without end. */
  private static final int MOST_PROCESSES = 64;

  /** {@code pod<uid>} of cgroupfs, {@code kubepods-burstable-pod<uid with _>.slice} of systemd. */
  private static final Pattern FOLDER =
      Pattern.compile("(?:.*-)?pod([0-9a-f_-]{32,40})(?:\\.slice)?");

  private record PodProcess(long pid, Path folder) {
    Path netns() {
      return Path.of("/proc", Long.toString(pid), "ns/net");
    }
  }

  private final Cgroup root;
  private final Map<String, PodProcess> known = new HashMap<>();

  RunningPods(Cgroup root) {
    this.root = root;
  }

  /** The pods, with the file of their namespace where they do not say it and it can be found. */
  List<DesiredPod> complete(List<DesiredPod> pods) {
    List<DesiredPod> open =
        pods.stream().filter(pod -> pod.netns().isEmpty() && !pod.ips().isEmpty()).toList();
    known.keySet().retainAll(open.stream().map(DesiredPod::uid).toList());
    known.values().removeIf(process -> !isIn(process));
    if (!open.stream().allMatch(pod -> known.containsKey(pod.uid()))) {
      find(open);
    }
    return pods.stream().map(this::complete).toList();
  }

  private DesiredPod complete(DesiredPod pod) {
    PodProcess process = pod.netns().isEmpty() ? known.get(pod.uid()) : null;
    return process == null ? pod : pod.in(process.netns());
  }

  /** Its number may be another process' by now, and that one of another pod. */
  private boolean isIn(PodProcess process) {
    try {
      String path = "/" + root.path().relativize(process.folder());
      return Files.readAllLines(Path.of("/proc", Long.toString(process.pid()), "cgroup")).stream()
          .filter(line -> line.startsWith("0::"))
          .anyMatch(line -> (line + "/").contains(path + "/"));
    } catch (IOException gone) {
      return false;
    }
  }

  private void find(List<DesiredPod> pods) {
    Map<String, Path> folders = folders();
    for (DesiredPod pod : pods) {
      Path folder = folders.get(pod.runtimeUid());
      if (folder != null && !known.containsKey(pod.uid())) {
        process(folder, pod.ips()).ifPresent(process -> known.put(pod.uid(), process));
      }
    }
  }

  private Map<String, Path> folders() {
    Map<String, Path> folders = new HashMap<>();
    try (Stream<Path> all = Files.find(root.path(), DEPTH, (_, what) -> what.isDirectory())) {
      all.forEach(
          each -> {
            Matcher name = FOLDER.matcher(each.getFileName().toString());
            if (name.matches()) {
              folders.put(name.group(1).replace('_', '-'), each);
            }
          });
    } catch (IOException | UncheckedIOException e) {
      return folders; // a group that ended meanwhile; what was found is true, and the next pass
      // comes
    }
    return folders;
  }

  private Optional<PodProcess> process(Path folder, List<InetAddress> ips) {
    Set<Long> tried = new HashSet<>();
    return processes(folder)
        .sorted(Comparator.comparingLong(RunningPods::started))
        .limit(MOST_PROCESSES)
        .map(pid -> new PodProcess(pid, folder))
        .filter(process -> has(process.netns(), ips, tried))
        .findFirst();
  }

  private static Stream<Long> processes(Path folder) {
    try (Stream<Path> groups = Files.find(folder, DEPTH, (_, what) -> what.isDirectory())) {
      return groups.flatMap(group -> ofGroup(group).stream()).toList().stream();
    } catch (IOException | UncheckedIOException gone) {
      return Stream.empty();
    }
  }

  private static List<Long> ofGroup(Path group) {
    try {
      return new Cgroup(group).processes();
    } catch (IOException gone) {
      return List.of();
    }
  }

  /** In ticks since boot; the field behind the name, which may hold blanks. See proc(5). */
  private static long started(long pid) {
    try {
      String stat = Files.readString(Path.of("/proc", Long.toString(pid), "stat"));
      return Long.parseLong(stat.substring(stat.lastIndexOf(')') + 2).split(" ", -1)[19]);
    } catch (IOException gone) {
      return Long.MAX_VALUE;
    }
  }

  private static boolean has(Path file, List<InetAddress> ips, Set<Long> tried) {
    try (NetworkNamespace netns = NetworkNamespace.open(file)) {
      return tried.add(netns.inode()) && netns.addresses().containsAll(ips);
    } catch (IOException gone) {
      return false;
    }
  }
}
