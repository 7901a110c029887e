// SPDX-License-Identifier: Apache-2.0
package dev.culvert.cli.demo;

import dev.culvert.cli.lab.Await;
import dev.culvert.cli.lab.LabClient;
import dev.culvert.cli.lab.LabNode;
import dev.culvert.cli.lab.LabProcess;
import java.io.IOException;
import java.util.List;

/** Agents are killed and started under a running transfer: not a byte, not a link is lost. */
final class RestartedAgent implements Proof {
  private static final long ENOUGH = 4L << 20;

  @Override
  public String claim() {
    return "A killed and restarted agent loses nothing";
  }

  @Override
  public Findings examine(DemoMesh mesh) throws IOException {
    Findings findings = new Findings();
    LabProcess transfer =
        LabClient.start(
            mesh.lab(), mesh.pod("client"), LabClient.Mode.TRANSFER, "db", DemoResources.ECHO);
    moved(transfer, ENOUGH);
    List<String> before = PinnedLinks.of(mesh.node1());
    for (LabNode node : mesh.nodes()) {
      mesh.agent(node).kill();
    }
    long atKill = lastMoved(transfer);
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
    long after = moved(transfer, lastMoved(transfer) + ENOUGH);
    findings.saw(
        PinnedLinks.of(mesh.node1()).equals(before),
        "agents started again: they took over the same links");
    transfer.endInput();
    findings.saw(
        after > atKill, "the transfer went on: %d MiB moved by then".formatted(after >> 20));
    complete(findings, transfer.awaitLine("done ", Timing.SOON));
    return findings;
  }

  private static void complete(Findings findings, String done) {
    long sent = LabClient.number(done, "sent");
    long verified = LabClient.number(done, "verified");
    findings.saw(
        sent == verified && LabClient.number(done, "wrong") == 0,
        "sent %d bytes, %d came back, %d wrong"
            .formatted(sent, verified, LabClient.number(done, "wrong")));
  }

  private static long moved(LabProcess transfer, long atLeast) throws IOException {
    Await.until("the transfer moves", Timing.SOON, () -> lastMoved(transfer) >= atLeast);
    return lastMoved(transfer);
  }

  private static long lastMoved(LabProcess transfer) throws IOException {
    return transfer.lines().stream()
        .filter(line -> line.startsWith("moved "))
        .reduce((first, last) -> last)
        .map(line -> LabClient.number(line, "bytes"))
        .orElse(0L);
  }
}
