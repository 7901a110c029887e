// SPDX-License-Identifier: Apache-2.0
package dev.culvert.cli.demo;

import dev.culvert.cli.lab.LabNode;
import java.io.IOException;
import java.util.List;

/** Agents are killed and started under a running transfer: not a byte, not a link is lost. */
final class RestartedAgent implements Proof {
  @Override
  public String claim() {
    return "A killed and restarted agent loses nothing";
  }

  @Override
  public Findings examine(DemoMesh mesh) throws IOException {
    Findings findings = new Findings();
    RunningTransfer transfer = RunningTransfer.start(mesh);
    List<String> before = PinnedLinks.of(mesh.node1());
    for (LabNode node : mesh.nodes()) {
      mesh.agent(node).kill();
    }
    long atKill = transfer.moved();
    findings.saw(
        PinnedLinks.of(mesh.node1()).equals(before),
        "both agents killed: the %d pinned links stay".formatted(before.size()));
    AccessLog log = new AccessLog(mesh.ztunnel(mesh.node2()));
    int known = log.size();
    Curl.Answer meanwhile = mesh.curl("client", "http://db/");
    findings.saw(
        meanwhile.ok(),
        "no agent: a new connection client -> db "
            + (meanwhile.ok() ? "answers" : meanwhile.failure()));
    String as = log.await(known, "it", c -> c.has("dst.workload", "db")).get("src.identity");
    findings.saw(
        as.equals(mesh.pod("client").spiffeId()), "and it went through the mesh, as " + as);
    mesh.startAgents();
    mesh.awaitAgents();
    long after = transfer.awaitMore();
    findings.saw(
        PinnedLinks.of(mesh.node1()).equals(before),
        "agents started again: they took over the same links");
    findings.saw(
        after > atKill, "the transfer went on: %d MiB moved by then".formatted(after >> 20));
    transfer.endAndVerify(findings);
    return findings;
  }
}
