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
import java.util.List;
import java.util.Map;

/**
 * A mesh of two nodes whose first controlplane, agent and ztunnel, front door and waypoint record
 * themselves while pods of both nodes talk to each other, so that the recorded ztunnel sees both
 * ends of tunnels. A daemon writes its archive when it ends.
 */
final class Training {
  private static final String NAMESPACE =
      """
      apiVersion: v1
      kind: Namespace
      metadata: {name: train, labels: {culvert.dev/dataplane-mode: ambient}}
      """;

  private final Path folder;

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
      Doors doors = Doors.on(node2, lab);
      Recording recording = new Recording(lab, folder);
      startControl(lab, recording);
      startProxies(lab, recording, doors);
      LabApps.start(lab, List.of(near));
      LabApps.start(lab, List.of(far));
      Traffic traffic = Traffic.between(lab, near, far);
      doors.ask(near);
      doors.change();
      traffic.await();
      doors.leave();
      recording.end();
    }
  }

  private static LabPod pod(Lab lab, LabNode node, String name) throws IOException {
    LabPod pod = lab.addPod(node, new LabPodSpec("train", name, name, Map.of("app", name)));
    lab.resources().write(pod);
    return pod;
  }

  private static void startControl(Lab lab, Recording recording) throws IOException {
    LabMesh plain = new LabMesh(lab);
    LabNode first = lab.nodes().get("node1");
    LabNode second = lab.nodes().get("node2");
    LabProcess controlPlane =
        recording.of("controlplane", mesh -> mesh.startControlPlane(Map.of()));
    LabProcess agent1 = recording.of("agent", mesh -> mesh.startAgent(first, Map.of()));
    LabProcess agent2 = plain.startAgent(second, Map.of());
    plain.awaitControlPlane(controlPlane);
    plain.awaitAgent(first, agent1);
    plain.awaitAgent(second, agent2);
  }

  private static void startProxies(Lab lab, Recording recording, Doors doors) throws IOException {
    LabMesh plain = new LabMesh(lab);
    LabNode first = lab.nodes().get("node1");
    LabNode second = lab.nodes().get("node2");
    LabProcess ztunnel1 = recording.of("ztunnel", mesh -> mesh.startZtunnel(first, Map.of()));
    LabProcess ztunnel2 = plain.startZtunnel(second, Map.of());
    LabProcess gateway = recording.of("gateway", doors::startGateway);
    LabProcess waypoint = recording.of("waypoint", doors::startWaypoint);
    plain.awaitZtunnel(first, ztunnel1);
    plain.awaitZtunnel(second, ztunnel2);
    doors.await(plain, gateway, waypoint);
  }
}
