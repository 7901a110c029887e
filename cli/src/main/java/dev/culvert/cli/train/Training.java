// SPDX-License-Identifier: Apache-2.0
package dev.culvert.cli.train;

import dev.culvert.cli.lab.Lab;
import dev.culvert.cli.lab.LabApps;
import dev.culvert.cli.lab.LabMesh;
import dev.culvert.cli.lab.LabNode;
import dev.culvert.cli.lab.LabPod;
import dev.culvert.cli.lab.LabPodSpec;
import dev.culvert.cli.lab.LabProcess;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * A mesh of two nodes whose first controlplane, agent and ztunnel record themselves while pods of
 * both nodes talk to each other, so that the recorded ztunnel sees both ends of tunnels. A daemon
 * writes its archive when it ends.
 */
final class Training {
  /** Writing an archive takes a few seconds of a core. */
  private static final Duration WRITTEN = Duration.ofSeconds(60);

  private static final String NAMESPACE =
      """
      apiVersion: v1
      kind: Namespace
      metadata: {name: train, labels: {culvert.dev/dataplane-mode: ambient}}
      """;

  private final Path folder;
  private final List<LabProcess> recorded = new ArrayList<>();

  /**
   * @param folder where the archives go
   */
  Training(Path folder) {
    this.folder = folder.toAbsolutePath();
  }

  void run() throws IOException {
    try (Lab lab = Lab.create("train")) {
      LabNode node1 = lab.addNode("node1");
      LabNode node2 = lab.addNode("node2");
      lab.resources().write("namespace.yaml", NAMESPACE);
      LabPod near = pod(lab, node1, "near");
      LabPod far = pod(lab, node2, "far");
      start(lab, node1, node2);
      LabApps.start(lab, List.of(near));
      LabApps.start(lab, List.of(far));
      Traffic.between(lab, near, far);
      for (LabProcess process : recorded.reversed()) {
        process.terminate(WRITTEN);
      }
    }
  }

  private static LabPod pod(Lab lab, LabNode node, String name) throws IOException {
    LabPod pod = lab.addPod(node, new LabPodSpec("train", name, name, Map.of("app", name)));
    lab.resources().write(pod);
    return pod;
  }

  private void start(Lab lab, LabNode first, LabNode second) throws IOException {
    LabMesh plain = new LabMesh(lab);
    LabProcess controlPlane = recording(lab, "controlplane").startControlPlane(Map.of());
    LabProcess agent1 = recording(lab, "agent").startAgent(first, Map.of());
    LabProcess agent2 = plain.startAgent(second, Map.of());
    plain.awaitControlPlane(controlPlane);
    plain.awaitAgent(first, agent1);
    plain.awaitAgent(second, agent2);
    LabProcess ztunnel1 = recording(lab, "ztunnel").startZtunnel(first, Map.of());
    LabProcess ztunnel2 = plain.startZtunnel(second, Map.of());
    plain.awaitZtunnel(first, ztunnel1);
    plain.awaitZtunnel(second, ztunnel2);
    recorded.addAll(List.of(controlPlane, agent1, ztunnel1));
  }

  /** By the environment: what stands before a daemon's command must not be Java's. */
  private LabMesh recording(Lab lab, String daemon) {
    String option = "JAVA_TOOL_OPTIONS=-XX:AOTCacheOutput=" + folder.resolve(daemon + ".aot");
    return new LabMesh(lab, List.of("env", option));
  }
}
