// SPDX-License-Identifier: Apache-2.0
package dev.culvert.cli.demo;

import dev.culvert.cli.lab.LabApps;
import dev.culvert.cli.lab.LabNode;
import java.io.IOException;
import java.time.Duration;

/**
 * Without its ztunnel a pod has no network, rather than a plaintext one; with it, all comes back.
 */
final class KilledZtunnel implements Proof {
  @Override
  public String claim() {
    return "A killed ztunnel fails closed, in both directions, and comes back";
  }

  @Override
  public Findings examine(DemoMesh mesh) throws IOException {
    Findings findings = new Findings();
    String plain = url(mesh, "plain");
    String db = url(mesh, "db");
    findings.saw(
        mesh.curl("client", plain).ok() && mesh.curl("outside", db).ok(),
        "before: client -> plain answers, outside -> db answers");
    for (LabNode node : mesh.nodes()) {
      mesh.ztunnel(node).kill();
    }
    refused(findings, "client -> plain, outbound", mesh.curl("client", plain));
    refused(findings, "client -> db, by service", mesh.curl("client", "http://198.19.0.20/"));
    refused(findings, "outside -> db, inbound", mesh.curl("outside", db));
    findings.saw(
        mesh.curl("outside", plain).ok(), "outside -> plain, not in the mesh, is not touched");
    long begin = System.nanoTime();
    mesh.startZtunnels();
    mesh.awaitTraffic();
    findings.saw(
        mesh.curl("outside", db).ok(),
        "started again: ready and answering after %.1f s"
            .formatted((System.nanoTime() - begin) / (double) Duration.ofSeconds(1).toNanos()));
    return findings;
  }

  private static void refused(Findings findings, String who, Curl.Answer answer) {
    findings.saw(
        !answer.ok(),
        "killed: %s: %s".formatted(who, answer.ok() ? "answered!" : answer.failure()));
  }

  private static String url(DemoMesh mesh, String pod) {
    return "http://%s:%d/".formatted(mesh.pod(pod).ip4(), LabApps.HTTP_PORT);
  }
}
