// SPDX-License-Identifier: Apache-2.0
package dev.culvert.cli.check;

import dev.culvert.cli.status.LocalAgent;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** The agents of this machine: whether their programs are attached and every pod is served. */
final class AgentsCheck implements Check {
  private final Agents agents;

  /** Where agents are. */
  @FunctionalInterface
  interface Agents {
    List<LocalAgent> all() throws IOException;
  }

  AgentsCheck(Agents agents) {
    this.agents = agents;
  }

  @Override
  public String name() {
    return "this machine's agents";
  }

  @Override
  public List<Finding> findings() throws IOException {
    List<Finding> findings = new ArrayList<>();
    for (LocalAgent agent : agents.all()) {
      findings.addAll(orSilence(agent));
    }
    if (findings.isEmpty()) {
      findings.add(Finding.note("no agent runs on this machine"));
    }
    return findings;
  }

  private static List<Finding> orSilence(LocalAgent agent) {
    try {
      return of(agent);
    } catch (IOException e) {
      return List.of(
          Finding.failure(
              e.getMessage(),
              "run this as root; and start the agent, or see its log: pods that it took in stay so meanwhile"));
    }
  }

  private static List<Finding> of(LocalAgent agent) throws IOException {
    List<Finding> findings = new ArrayList<>();
    LocalAgent.State state = agent.state();
    findings.add(Finding.ok("agent of %s: %d pods".formatted(state.node(), state.pods().size())));
    if (state.ztunnels() == 0) {
      findings.add(
          Finding.failure(
              "agent of %s: no ztunnel is connected".formatted(state.node()),
              "start one; until then its pods have no network"));
    }
    findings.add(probes(state.node(), agent.probes()));
    agent.trouble().map(text -> cni(state.node(), text)).ifPresent(findings::add);
    for (LocalAgent.Line link : agent.links()) {
      if (link.value("attached").equals("false")) {
        findings.add(
            Finding.warning(
                "agent of %s: %s is not attached".formatted(state.node(), link.value("pin")),
                "restart the agent: it takes over what is pinned and attaches what is missing"));
      }
    }
    for (LocalAgent.Pod pod : state.pods()) {
      of(pod).ifPresent(findings::add);
    }
    return findings;
  }

  private static Optional<Finding> of(LocalAgent.Pod pod) {
    if (pod.note().isEmpty()) {
      return Optional.empty();
    }
    String what = "pod %s is %s: %s".formatted(pod.name(), pod.state(), pod.note());
    return Optional.of(
        pod.isLeftAlone() ? Finding.note(what) : Finding.warning(what, "see the agent's log"));
  }

  private static Finding cni(String node, String trouble) {
    return Finding.warning(
        "agent of %s: %s".formatted(node, trouble),
        "until then, pods start without waiting for it");
  }

  private static Finding probes(String node, Optional<String> group) {
    return group
        .map(path -> Finding.ok("agent of %s: health probes are those of %s".formatted(node, path)))
        .orElseGet(
            () ->
                Finding.note(
                    "agent of %s: no kubelet is known: where STRICT holds, health probes fail"
                        .formatted(node),
                    "name its cgroup to the agent by probe-cgroup, if this node has one"));
  }
}
