// SPDX-License-Identifier: Apache-2.0
package dev.culvert.cli.check;

import dev.culvert.agent.neighbours.Neighbour;
import dev.culvert.agent.neighbours.Neighbours;
import dev.culvert.cli.status.LocalAgent;
import dev.culvert.linux.file.Mounts;
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
  private final AgentsCheck.Agents agents;

  AttachedCheck(AgentsCheck.Agents agents) {
    this.agents = agents;
  }

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
    List<LocalAgent> silent = new ArrayList<>();
    for (Neighbour each : Neighbours.of(cgroup, own(silent))) {
      findings.add(of(each));
    }
    if (findings.isEmpty()) {
      findings.add(Finding.ok("nobody else has eBPF programs at the sockets of this machine"));
    }
    silent.forEach(agent -> findings.add(notTold(agent)));
    return findings;
  }

  private static Finding notTold(LocalAgent agent) {
    return Finding.note(
        "eBPF programs of %s, which does not answer, count as those of others"
            .formatted(agent.socket()));
  }

  static Finding of(Neighbour neighbour) {
    return neighbour.mayTranslate()
        ? Finding.warning(
            neighbour.text() + ", and may choose a Service's endpoint first, past its waypoint",
            neighbour.remedy())
        : Finding.note(neighbour.text());
  }

  /** Those of the agents that tell theirs; what a dead one left is still attached. */
  private Set<Integer> own(List<LocalAgent> silent) throws IOException {
    Set<Integer> programs = new TreeSet<>();
    for (LocalAgent agent : agents.all()) {
      try {
        for (LocalAgent.Line link : agent.links()) {
          programs.add(Integer.valueOf(link.value("program")));
        }
      } catch (IOException e) {
        silent.add(agent);
      }
    }
    return programs;
  }
}
