// SPDX-License-Identifier: Apache-2.0
package dev.culvert.agent.redirect;

import static java.nio.file.StandardCopyOption.ATOMIC_MOVE;

import dev.culvert.linux.bpf.BpfLink;
import dev.culvert.linux.bpf.BpfProgram;
import dev.culvert.linux.bpf.CgroupLink;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Set;

/** Links that are named by their pins. */
final class PinnedLinks {
  private PinnedLinks() {}

  /**
   * Makes the program run for the cgroup: in the link that is pinned already, at once and without a
   * gap, or in a new one. A link of another cgroup goes when its successor is attached and pinned.
   */
  static void run(BpfProgram program, Path cgroup, Path pin) throws IOException {
    if (!Files.exists(pin)) {
      attach(program, cgroup, pin);
      return;
    }
    try (CgroupLink link = CgroupLink.openPinned(pin)) {
      if (link.info().target() == cgroupId(cgroup)) {
        link.update(program);
        return;
      }
      Path successor = pin.resolveSibling(pin.getFileName() + "_next");
      remove(successor); // an agent may have been killed at this point
      attach(program, cgroup, successor);
      Files.move(successor, pin, ATOMIC_MOVE);
      detach(link);
    }
  }

  private static void attach(BpfProgram program, Path cgroup, Path pin) throws IOException {
    try (CgroupLink link = CgroupLink.attach(program, cgroup)) {
      link.pin(pin);
    }
  }

  private static void detach(BpfLink link) throws IOException {
    if (link.info().isAttached()) {
      link.detach();
    }
  }

  /** As the kernel names the target of a link. */
  static long cgroupId(Path cgroup) throws IOException {
    return (long) Files.getAttribute(cgroup, "unix:ino");
  }

  /** Detaches the link and removes its pin; does nothing when there is none. */
  static void remove(Path pin) throws IOException {
    if (!Files.exists(pin)) {
      return;
    }
    try (BpfLink link = BpfLink.openPinned(pin)) {
      detach(link);
    }
    Files.deleteIfExists(pin);
  }

  /** Removes every link of the folder that is not named. */
  static void removeOthers(Path folder, Set<String> names) throws IOException {
    for (Path pin : PinFolder.list(folder)) {
      if (!names.contains(pin.getFileName().toString())) {
        remove(pin);
      }
    }
  }
}
