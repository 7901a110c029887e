// SPDX-License-Identifier: Apache-2.0
package dev.culvert.cli.demo;

import dev.culvert.cli.lab.LabHttp;
import dev.culvert.cli.lab.LabNode;
import dev.culvert.cli.lab.LabPod;
import java.io.IOException;

/** Client and server proved who they are, and each ztunnel holds only its own pods' identities. */
final class BothEndsIdentified implements Proof {
  private static final int ADMIN = 15000;

  @Override
  public String claim() {
    return "Both ends proved their SPIFFE identity";
  }

  @Override
  public Findings examine(DemoMesh mesh) throws IOException {
    LabPod client = mesh.pod("client");
    LabPod db = mesh.pod("db");
    AccessLog sender = new AccessLog(mesh.ztunnel(mesh.node1()));
    AccessLog receiver = new AccessLog(mesh.ztunnel(mesh.node2()));
    int sent = sender.size();
    int received = receiver.size();
    Findings findings = new Findings();
    Curl.Answer answer = mesh.curl("client", "http://db/");
    findings.saw(answer.ok(), "client -> db: " + (answer.ok() ? "answered" : answer.failure()));
    identities(
        findings,
        "node1 %s",
        sender.await(sent, "client to db", c -> isToDb(c, "outbound")),
        client,
        db);
    identities(
        findings,
        "node2 %s",
        receiver.await(received, "client to db", c -> isToDb(c, "inbound")),
        client,
        db);
    certificates(findings, mesh.node1(), client, db);
    certificates(findings, mesh.node2(), db, client);
    return findings;
  }

  private static boolean isToDb(AccessLog.Connection line, String direction) {
    return line.has("dst.workload", "db") && line.has("direction", direction);
  }

  private static void identities(
      Findings findings, String form, AccessLog.Connection line, LabPod client, LabPod db) {
    findings.saw(
        line.has("src.identity", client.spiffeId()) && line.has("dst.identity", db.spiffeId()),
        form.formatted(
            "%-8s %s -> %s"
                .formatted(
                    line.get("direction"), line.get("src.identity"), line.get("dst.identity"))));
  }

  private static void certificates(Findings findings, LabNode node, LabPod own, LabPod other)
      throws IOException {
    String dump = LabHttp.get(node.place(), ADMIN, "/config_dump").body();
    int at = dump.indexOf("\"certificates\"");
    String certificates = at < 0 ? "" : dump.substring(at);
    findings.saw(
        certificates.contains(own.spiffeId()) && !certificates.contains(other.spiffeId()),
        "%s holds a certificate for %s and none for %s".formatted(node, own, other));
  }
}
