// SPDX-License-Identifier: Apache-2.0
package dev.culvert.cli.demo;

import dev.culvert.cli.lab.LabApps;
import dev.culvert.cli.lab.LabPod;
import java.io.IOException;
import java.net.InetAddress;

/** Server apps see who really calls: the address that their accept() and getpeername() tell. */
final class TrueClientAddress implements Proof {
  @Override
  public String claim() {
    return "The server app sees the client pod's true address";
  }

  @Override
  public Findings examine(DemoMesh mesh) throws IOException {
    Findings findings = new Findings();
    LabPod client = mesh.pod("client");
    see(findings, mesh, "db", mesh.pod("db").ip4(), client.ip4(), "other node, IPv4");
    see(
        findings,
        mesh,
        "db",
        "[%s]".formatted(mesh.pod("db").ip6()),
        client.ip6(),
        "other node, IPv6");
    see(findings, mesh, "web-v1", mesh.pod("web-v1").ip4(), client.ip4(), "same node, IPv4");
    return findings;
  }

  private static void see(
      Findings findings, DemoMesh mesh, String server, String host, String expected, String how)
      throws IOException {
    Curl.Answer answer = mesh.curl("client", "http://%s:%d/".formatted(host, LabApps.HTTP_PORT));
    String seen = answer.member("client");
    boolean same =
        answer.ok()
            && !seen.isEmpty()
            && InetAddress.getByName(seen).equals(InetAddress.getByName(expected));
    findings.saw(
        same,
        "%-16s %s saw %s, client is %s"
            .formatted(how, server, answer.ok() ? seen : answer.failure(), expected));
  }
}
