// SPDX-License-Identifier: Apache-2.0
package dev.culvert.cli.demo;

import dev.culvert.cli.lab.LabApps;
import dev.culvert.cli.lab.LabClient;
import dev.culvert.cli.lab.LabPod;
import dev.culvert.cli.lab.LabProcess;
import java.io.IOException;

/** What the mesh adds to a round trip between two nodes. A figure, not a limit. */
final class RoundTripCost implements Proof {
  @Override
  public String claim() {
    return "Time added per round trip, measured beside the direct path";
  }

  @Override
  public Findings examine(DemoMesh mesh) throws IOException {
    String direct = measure(mesh, mesh.pod("outside"), mesh.pod("plain").ip4());
    String meshed = measure(mesh, mesh.pod("client"), "db");
    Findings findings = new Findings();
    findings.saw(true, "direct       " + figures(direct));
    findings.saw(true, "in the mesh  " + figures(meshed));
    findings.saw(
        true,
        "added        p50 %5.0f µs: two proxies, four more sockets, encryption"
            .formatted(micros(meshed, "p50") - micros(direct, "p50")));
    return findings;
  }

  private static String measure(DemoMesh mesh, LabPod from, String host) throws IOException {
    LabProcess client =
        LabClient.start(mesh.lab(), from, LabClient.Mode.RTT, host, LabApps.ECHO_PORT);
    return client.awaitLine("rtt ", Timing.MEASURED);
  }

  private static String figures(String line) {
    return "p50 %5.0f µs, p99 %5.0f µs  (%d messages of 64 bytes, node to node)"
        .formatted(micros(line, "p50"), micros(line, "p99"), LabClient.number(line, "count"));
  }

  private static double micros(String line, String name) {
    return LabClient.number(line, name) / 1000.0;
  }
}
