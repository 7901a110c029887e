// SPDX-License-Identifier: Apache-2.0
package dev.culvert.cli.lab;

import dev.culvert.linux.socket.NetworkNamespace;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;

/**
 * Where a process of the lab runs: a network namespace and a cgroup.
 *
 * @param netns the namespace's name
 * @param cgroup the folder of the cgroup
 * @param ownResolver whether the namespace's own /etc/resolv.conf holds, as in a pod; that hides
 *     the BPF file system, which an agent needs
 */
public record LabPlace(String netns, Path cgroup, boolean ownResolver) {
  /** Joins the cgroup first: a socket belongs to the cgroup of the process that makes it. */
  private static final String JOIN = "echo $$ >\"$0\" && exec \"$@\"";

  static LabPlace of(String netns, Path cgroup) {
    return new LabPlace(netns, cgroup, false);
  }

  /** A node's namespace, with another of its cgroups, such as that of its pods. */
  public static LabPlace ofNode(String netns, Path cgroup) {
    return of(netns, cgroup);
  }

  static LabPlace ofPod(String netns, Path cgroup) {
    return new LabPlace(netns, cgroup, true);
  }

  /** The same command, run here. The process that is started becomes the command: its id stays. */
  public List<String> wrap(List<String> command) {
    List<String> wrapped =
        new ArrayList<>(List.of("sh", "-c", JOIN, cgroup.resolve("cgroup.procs").toString()));
    if (ownResolver) {
      wrapped.addAll(List.of("ip", "netns", "exec", netns));
    } else {
      wrapped.addAll(List.of("nsenter", "--net=" + LabLayout.namespaceFile(netns)));
    }
    wrapped.addAll(command);
    return wrapped;
  }

  /** Runs the body with this thread in the network namespace; its cgroup stays the caller's. */
  public <T> T call(Callable<T> body) throws IOException {
    try (NetworkNamespace namespace = NetworkNamespace.open(LabLayout.namespaceFile(netns))) {
      return namespace.call(body);
    } catch (IOException | RuntimeException e) {
      throw e;
    } catch (Exception e) {
      throw new IOException(e);
    }
  }
}
