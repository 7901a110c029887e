// SPDX-License-Identifier: Apache-2.0
package dev.culvert.agent.neighbours;

import dev.culvert.linux.bpf.AttachedProgram;
import dev.culvert.linux.bpf.AttachedPrograms;
import dev.culvert.linux.bpf.Hook;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/** Looks who else has programs at the hooks of a node. */
public final class Neighbours {
  private Neighbours() {}

  /**
   * Everybody else's, hook by hook, in the order in which they run.
   *
   * @param cgroup the node's
   * @param own ids of the mesh's own programs
   */
  public static List<Neighbour> of(Path cgroup, Set<Integer> own) throws IOException {
    List<Neighbour> all = new ArrayList<>();
    for (Hook hook : Hook.ofCgroups()) {
      all.addAll(at(hook, AttachedPrograms.runningIn(cgroup, hook), own));
    }
    return all;
  }

  private static List<Neighbour> at(Hook hook, List<AttachedProgram> programs, Set<Integer> own) {
    List<Neighbour> found = new ArrayList<>();
    boolean known = programs.stream().anyMatch(each -> own.contains(each.id()));
    Neighbour.Order order = known ? Neighbour.Order.BEFORE : Neighbour.Order.ALONE;
    for (AttachedProgram program : programs) {
      if (own.contains(program.id())) {
        order = Neighbour.Order.BEHIND;
      } else {
        found.add(new Neighbour(hook, program, order));
      }
    }
    return found;
  }

  /**
   * Refuses a cgroup where somebody attached a program that shares its hook with nobody: the mesh's
   * could not be attached beside it.
   *
   * @throws IOException that names the program, and the way out
   */
  public static void requireShared(Path cgroup) throws IOException {
    for (Hook hook : Hook.ofCgroups()) {
      AttachedPrograms there = AttachedPrograms.to(cgroup, hook);
      if (!there.isShared()) {
        AttachedProgram program = there.programs().getFirst();
        throw new IOException(
            "%s: %s has %s for itself: it was attached without BPF_F_ALLOW_MULTI, so that no other can be; have its owner share it, or detach it ('bpftool cgroup detach %s %s id %d')"
                .formatted(cgroup, program, hook, cgroup, hook, program.id()));
      }
    }
  }
}
