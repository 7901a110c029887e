// SPDX-License-Identifier: Apache-2.0
package dev.culvert.cli.check;

import dev.culvert.agent.neighbours.Neighbour;
import dev.culvert.agent.neighbours.Neighbours;
import dev.culvert.cli.status.LocalAgent;
import dev.culvert.linux.Mounts;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;

/**
 * Who else has eBPF programs at the sockets of this machine, and in which order all of them run.
 */
final class AttachedCheck implements Check {
  @Override
  public String name() {
    return "eBPF programs of others";
  }

  @Override
  public List<Finding> findings() throws IOException {
    Path cgroup = Mounts.cgroup2();
    List<Finding> findings = new ArrayList<>();
    try {
      Neighbours.requireShared(cgroup);
    } catch (IOException alone) {
      findings.add(Finding.failure(alone.getMessage(), "without that the agent does not start"));
    }
    for (Neighbour each : Neighbours.of(cgroup, own())) {
      findings.add(of(each));
    }
    if (findings.isEmpty()) {
      findings.add(Finding.ok("nobody else has eBPF programs at the sockets of this machine"));
    }
    return findings;
  }

  static Finding of(Neighbour neighbour) {
    return neighbour.mayTranslate()
        ? Finding.warning(
            neighbour.text() + ", and may choose a Service's endpoint first, past its waypoint",
            neighbour.remedy())
        : Finding.note(neighbour.text());
  }

  private static Set<Integer> own() throws IOException {
    Set<Integer> programs = new TreeSet<>();
    for (LocalAgent agent : LocalAgent.all()) {
      for (LocalAgent.Line link : agent.links()) {
        programs.add(Integer.valueOf(link.value("program")));
      }
    }
    return programs;
  }
}
