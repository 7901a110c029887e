// SPDX-License-Identifier: Apache-2.0
package dev.culvert.perf.bench.lane;

import dev.culvert.cli.lab.LabMesh;
import dev.culvert.cli.lab.LabNode;
import dev.culvert.cli.lab.LabPod;
import dev.culvert.cli.lab.LabProcess;
import dev.culvert.perf.bench.site.Backend;
import dev.culvert.perf.bench.site.Side;
import dev.culvert.perf.bench.site.Site;
import java.io.IOException;
import java.util.List;
import java.util.Map;

/**
 * The mesh of a site: controlplane and agents, which run from the first round to the last. Servers
 * take nothing but what comes through the mesh, so a figure cannot come past it.
 */
final class Mesh {
  private static final String STRICT =
      """
      apiVersion: v1
      kind: Namespace
      metadata:
        name: bench
      ---
      apiVersion: policy.culvert.dev/v1alpha1
      kind: PeerAuthentication
      metadata:
        name: default
        namespace: bench
      spec:
        mtls:
          mode: STRICT
      """;

  /** One pod may have what the node has: thousands of connections are the load here. */
  private static final String ALL_OF_THEM = "100000";

  private final Site site;

  private Mesh(Site site) {
    this.site = site;
  }

  static Mesh start(Site site) throws IOException {
    site.lab().resources().write("namespace.yaml", STRICT);
    for (String pod : List.of("client", "neighbour", "server")) {
      site.lab().resources().write(site.pod(pod));
    }
    LabMesh daemons = new LabMesh(site.lab());
    LabProcess controlPlane = daemons.startControlPlane(Map.of());
    for (LabNode node : site.lab().nodes().values()) {
      daemons.awaitAgent(node, daemons.startAgent(node, Map.of()));
    }
    daemons.awaitControlPlane(controlPlane);
    new Backend(site.server("server")).start();
    new Backend(site.server("neighbour")).start();
    return new Mesh(site);
  }

  Site site() {
    return site;
  }

  /**
   * Starts a node's ztunnel on a core, with one event loop.
   *
   * @param sameNode the way between pods of one node
   */
  LabProcess startZtunnel(LabPod of, int core, String sameNode) throws IOException {
    Map<String, String> settings =
        Map.of(
            "workers",
            "1",
            "drain-deadline",
            "1s",
            "same-node",
            sameNode,
            "max-descriptors",
            ALL_OF_THEM);
    return on(core).startZtunnel(of.node(), settings);
  }

  /** Waits until it is ready. */
  void await(LabPod of, LabProcess ztunnel) throws IOException {
    new LabMesh(site.lab()).awaitZtunnel(of.node(), ztunnel);
  }

  private LabMesh on(int core) {
    return new LabMesh(site.lab(), Side.onCore(core, List.of()));
  }
}
