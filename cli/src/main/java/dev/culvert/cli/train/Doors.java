// SPDX-License-Identifier: Apache-2.0
package dev.culvert.cli.train;

import dev.culvert.cli.lab.Lab;
import dev.culvert.cli.lab.LabMesh;
import dev.culvert.cli.lab.LabNode;
import dev.culvert.cli.lab.LabPod;
import dev.culvert.cli.lab.LabPodSpec;
import dev.culvert.cli.lab.LabProcess;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * A front door and a waypoint of the training mesh, and who asks there: a pod for what is behind
 * the waypoint, and somebody outside of the mesh at the front door, with TLS and without.
 */
final class Doors {
  private final Lab lab;
  private final DoorResources resources;
  private final DoorKey key;
  private final LabPod door;
  private final LabPod way;
  private final LabPod outside;
  private final List<LabProcess> plain = new ArrayList<>();
  private final List<LabProcess> secured = new ArrayList<>();

  private Doors(Lab lab, LabNode node, DoorKey key) throws IOException {
    this.lab = lab;
    this.resources = new DoorResources(lab.resources());
    this.key = key;
    this.door = pod(node, "door");
    this.way = pod(node, "way");
    this.outside = pod(node, "outside");
  }

  /** Their pods on a node, and their resources, which the controlplane must know at its start. */
  static Doors on(LabNode node, Lab lab) throws IOException {
    DoorKey key = DoorKey.make(lab.layout().state().resolveSibling("door.p12"));
    Doors doors = new Doors(lab, node, key);
    doors.resources.write(key);
    return doors;
  }

  private LabPod pod(LabNode node, String name) throws IOException {
    Map<String, String> labels =
        Map.of(
            "gateway.networking.k8s.io/gateway-name", name, "culvert.dev/dataplane-mode", "none");
    LabPod pod = lab.addPod(node, new LabPodSpec("train", name, name, labels));
    lab.resources().write(pod);
    return pod;
  }

  LabProcess startGateway(LabMesh mesh) throws IOException {
    return mesh.startGateway(door, door.name(), Map.of());
  }

  LabProcess startWaypoint(LabMesh mesh) throws IOException {
    return mesh.startWaypoint(way, way.name(), Map.of());
  }

  void await(LabMesh mesh, LabProcess gateway, LabProcess waypoint) throws IOException {
    mesh.awaitGateway(door, gateway);
    mesh.awaitWaypoint(way, waypoint);
  }

  /** Begins with all requests; the pod is one of the mesh. */
  void ask(LabPod pod) throws IOException {
    plain.add(Requests.plain(lab, outside, door.ip4(), DoorResources.HTTP));
    plain.add(Requests.plain(lab, pod, DoorResources.SERVICE_IP, DoorResources.HTTP));
    secured.add(Requests.secured(lab, outside, door.ip4(), DoorResources.HTTPS, key));
    await("200");
  }

  /** Under the requests: other routes, and a policy that refuses for a moment. */
  void change() throws IOException {
    resources.changeRoutes();
    resources.refuse();
    await("403");
    resources.refuseNoMore();
  }

  /** The last requests end. */
  void leave() throws IOException {
    for (LabProcess clients : plain) {
      clients.endInput();
    }
    for (LabProcess clients : secured) {
      clients.endInput();
    }
  }

  private void await(String status) throws IOException {
    for (LabProcess clients : plain) {
      Requests.await(clients, ": " + status);
    }
    for (LabProcess clients : secured) {
      Requests.await(clients, " in tls: " + status);
    }
  }
}
