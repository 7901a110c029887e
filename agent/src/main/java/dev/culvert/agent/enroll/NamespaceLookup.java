// SPDX-License-Identifier: Apache-2.0
package dev.culvert.agent.enroll;

import dev.culvert.linux.errno.Errno;
import dev.culvert.linux.errno.ErrnoException;
import dev.culvert.linux.socket.NetworkNamespace;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;

/** What is behind the file that a pod names as its network namespace. */
sealed interface NamespaceLookup {
  /** The namespace, owned by whoever looked it up. */
  record Found(NetworkNamespace netns, long inode, long cookie) implements NamespaceLookup {}

  /** There is none: not yet, or no more. */
  record Missing(String reason) implements NamespaceLookup {}

  /** It cannot be told, for reasons of this machine and not of the pod. */
  record Unknown(String reason) implements NamespaceLookup {}

  /**
   * Looks a namespace up.
   *
   * @param cookies of namespaces that are held open, by inode, which spares to ask for them inside
   */
  static NamespaceLookup of(Optional<Path> path, Map<Long, Long> cookies) {
    if (path.isEmpty()) {
      return new Missing(
          "its network namespace is not known: no CNI call told of it, no process in its cgroup has its"
              + " address, and it has no annotation culvert.dev/netns");
    }
    try {
      NetworkNamespace netns = NetworkNamespace.open(path.get());
      return found(netns, cookies);
    } catch (ErrnoException e) {
      boolean missing = e.errno() == Errno.ENOENT;
      return missing
          ? new Missing(path.get() + " does not exist (yet)")
          : new Unknown(e.getMessage());
    } catch (IOException e) {
      return new Missing(e.getMessage());
    }
  }

  private static NamespaceLookup found(NetworkNamespace netns, Map<Long, Long> cookies) {
    try {
      long inode = netns.inode();
      Long known = cookies.get(inode);
      return new Found(netns, inode, known == null ? netns.cookie() : known);
    } catch (IOException e) {
      netns.close();
      return new Unknown(e.getMessage());
    }
  }
}
