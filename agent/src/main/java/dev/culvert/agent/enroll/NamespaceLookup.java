// SPDX-License-Identifier: Apache-2.0
package dev.culvert.agent.enroll;

import dev.culvert.linux.Errno;
import dev.culvert.linux.ErrnoException;
import dev.culvert.linux.NetworkNamespace;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Optional;

/** What is behind the file that a pod names as its network namespace. */
sealed interface NamespaceLookup {
  /** The namespace, owned by whoever looked it up. */
  record Found(NetworkNamespace netns, long cookie) implements NamespaceLookup {}

  /** There is none: not yet, or no more. */
  record Missing(String reason) implements NamespaceLookup {}

  /** It cannot be told, for reasons of this machine and not of the pod. */
  record Unknown(String reason) implements NamespaceLookup {}

  static NamespaceLookup of(Optional<Path> path) {
    if (path.isEmpty()) {
      return new Missing("names no network namespace: annotate it with culvert.dev/netns");
    }
    try {
      NetworkNamespace netns = NetworkNamespace.open(path.get());
      return found(netns);
    } catch (ErrnoException e) {
      boolean missing = e.errno() == Errno.ENOENT;
      return missing
          ? new Missing(path.get() + " does not exist (yet)")
          : new Unknown(e.getMessage());
    } catch (IOException e) {
      return new Missing(e.getMessage());
    }
  }

  private static NamespaceLookup found(NetworkNamespace netns) {
    try {
      return new Found(netns, netns.cookie());
    } catch (IOException e) {
      netns.close();
      return new Unknown(e.getMessage());
    }
  }
}
