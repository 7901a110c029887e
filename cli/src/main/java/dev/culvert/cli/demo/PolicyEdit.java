// SPDX-License-Identifier: Apache-2.0
package dev.culvert.cli.demo;

import dev.culvert.cli.lab.Await;
import dev.culvert.cli.lab.LabClient;
import dev.culvert.cli.lab.LabProcess;
import java.io.IOException;
import java.time.Duration;

/** A policy file that is written denies at once, and closes what is open and now forbidden. */
final class PolicyEdit implements Proof {
  private static final String FILE = "policy-db.yaml";

  @Override
  public String claim() {
    return "A policy edit denies within a second and closes the connection that it forbids";
  }

  @Override
  public Findings examine(DemoMesh mesh) throws IOException {
    Findings findings = new Findings();
    LabProcess open =
        LabClient.start(
            mesh.lab(), mesh.pod("client"), LabClient.Mode.HOLD, "db", DemoResources.ECHO);
    open.awaitLine("echoed", Timing.SOON);
    findings.saw(mesh.curl("client", "http://db/").ok(), "before: client -> db answers");
    long written = System.currentTimeMillis();
    mesh.lab().resources().write(FILE, DemoResources.DB_POLICY);
    try {
      String closed = open.awaitLine("closed ", Timing.SOON);
      within(
          findings,
          "the open connection was closed",
          Duration.ofMillis(LabClient.number(closed, "at") - written));
      denied(findings, mesh, written);
    } finally {
      mesh.lab().resources().delete(FILE);
    }
    Await.until("db answers again", Timing.SOON, () -> mesh.curl("client", "http://db/").ok());
    findings.saw(true, "the file removed: client -> db answers again");
    return findings;
  }

  private static void denied(Findings findings, DemoMesh mesh, long written) throws IOException {
    AccessLog log = new AccessLog(mesh.ztunnel(mesh.node2()));
    Await.until("db is denied", Timing.SOON, () -> !mesh.curl("client", "http://db/").ok());
    within(
        findings,
        "a new connection was denied",
        Duration.ofMillis(System.currentTimeMillis() - written));
    AccessLog.Connection line =
        log.await(0, "the denial", c -> c.get("error").startsWith("denied"));
    findings.saw(
        true,
        "node2 logs: %s -> %s, %s"
            .formatted(line.get("src.identity"), line.get("dst.addr"), line.get("error")));
    Curl.Answer web = mesh.curl("web-v1", "http://db/");
    findings.saw(
        web.ok(),
        "web-v1 -> db, which the policy allows: " + (web.ok() ? "answers" : web.failure()));
  }

  private static void within(Findings findings, String what, Duration time) {
    findings.saw(
        time.compareTo(Timing.EDIT) <= 0,
        "%s %d ms after the file was written".formatted(what, time.toMillis()));
  }
}
