// SPDX-License-Identifier: Apache-2.0
package dev.culvert.cli.demo;

import dev.culvert.cli.lab.Await;
import dev.culvert.cli.lab.LabApps;
import dev.culvert.cli.lab.LabPod;
import java.io.IOException;

/** PERMISSIVE takes plaintext from outside the mesh, STRICT refuses it and nobody else. */
final class PlaintextFromOutside implements Proof {
  private static final String FILE = "peer-authentication.yaml";

  private final String mode;

  private PlaintextFromOutside(String mode) {
    this.mode = mode;
  }

  static Proof strict() {
    return new PlaintextFromOutside("STRICT");
  }

  static Proof permissive() {
    return new PlaintextFromOutside("PERMISSIVE");
  }

  @Override
  public String claim() {
    return mode.equals("STRICT")
        ? "STRICT refuses plaintext from outside the mesh"
        : "PERMISSIVE takes plaintext from outside the mesh";
  }

  @Override
  public Findings examine(DemoMesh mesh) throws IOException {
    Findings findings = new Findings();
    mesh.lab().resources().write(FILE, DemoResources.peerAuthentication(mode));
    try {
      Await.until(
          "plaintext is treated as %s says".formatted(mode),
          Timing.SOON,
          () -> fromOutside(mesh, "db").ok() == mode.equals("PERMISSIVE"));
      for (String server : new String[] {"db", "web-v1"}) {
        see(findings, mesh.pod(server), fromOutside(mesh, server));
      }
      Curl.Answer member = mesh.curl("client", "http://db/");
      findings.saw(member.ok(), "client -> db, in the mesh: " + told(member));
    } finally {
      mesh.lab().resources().delete(FILE);
    }
    Await.until("plaintext is taken again", Timing.SOON, () -> fromOutside(mesh, "db").ok());
    return findings;
  }

  private void see(Findings findings, LabPod server, Curl.Answer answer) {
    findings.saw(
        answer.ok() == mode.equals("PERMISSIVE"),
        "outside -> %s, plaintext: %s".formatted(server, told(answer)));
  }

  private static String told(Curl.Answer answer) {
    return answer.ok() ? "answers, sees " + answer.member("client") : answer.failure();
  }

  private static Curl.Answer fromOutside(DemoMesh mesh, String server) throws IOException {
    return mesh.curl(
        "outside", "http://%s:%d/".formatted(mesh.pod(server).ip4(), LabApps.HTTP_PORT));
  }
}
