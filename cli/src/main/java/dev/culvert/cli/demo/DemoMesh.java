// SPDX-License-Identifier: Apache-2.0
package dev.culvert.cli.demo;

import dev.culvert.cli.lab.Await;
import dev.culvert.cli.lab.Lab;
import dev.culvert.cli.lab.LabApps;
import dev.culvert.cli.lab.LabMesh;
import dev.culvert.cli.lab.LabNode;
import dev.culvert.cli.lab.LabPod;
import dev.culvert.cli.lab.LabPodSpec;
import dev.culvert.cli.lab.LabProcess;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * The demo's mesh: two nodes, a client, two versions of web, a database, and two who are outside.
 */
final class DemoMesh {
  /** Of a ztunnel that is told to end while there are transfers. */
  private static final Map<String, String> DRAIN = Map.of("drain-deadline", "1m");

  /** Of the waypoint: spans of the requests whose clients ask for it. */
  private static final Map<String, String> TRACES =
      Map.of("trace-endpoint", SpanCollector.ENDPOINT, "trace-sampling", "0");

  private final Lab lab;
  private final LabMesh daemons;
  private final LabNode node1;
  private final LabNode node2;
  private final Map<LabNode, LabProcess> agents = new LinkedHashMap<>();
  private final Map<LabNode, LabProcess> ztunnels = new LinkedHashMap<>();
  private final NodeLink link;
  private LabProcess waypoint;

  DemoMesh(Lab lab) throws IOException {
    this.lab = lab;
    this.daemons = new LabMesh(lab);
    this.node1 = lab.addNode("node1");
    this.node2 = lab.addNode("node2");
    addPod(node1, DemoResources.SHOP, "client", Map.of("app", "client"));
    addPod(node1, DemoResources.SHOP, "web-v1", Map.of("app", "web", "version", "v1"));
    addPod(node2, DemoResources.SHOP, "web-v2", Map.of("app", "web", "version", "v2"));
    addPod(node2, DemoResources.SHOP, "db", Map.of("app", "db"));
    addPod(
        node2,
        DemoResources.SHOP,
        DemoResources.WAYPOINT,
        Map.of(
            "gateway.networking.k8s.io/gateway-name",
            DemoResources.WAYPOINT,
            "culvert.dev/dataplane-mode",
            "none"));
    addPod(node1, DemoResources.STREET, "outside", Map.of("app", "outside"));
    addPod(node2, DemoResources.STREET, "plain", Map.of("app", "plain"));
    this.link = new NodeLink(lab, node2);
  }

  private void addPod(LabNode node, String namespace, String name, Map<String, String> labels)
      throws IOException {
    String serviceAccount = name.replaceFirst("-v\\d$", "");
    lab.addPod(node, new LabPodSpec(namespace, name, serviceAccount, labels));
  }

  void writeResources() throws IOException {
    lab.resources().write("namespaces.yaml", DemoResources.NAMESPACES);
    lab.resources().write("services.yaml", DemoResources.SERVICES);
    lab.resources().write("store.yaml", DemoResources.STORE);
    for (LabPod pod : lab.pods().values()) {
      lab.resources().write(pod);
    }
  }

  void startApps() throws IOException {
    for (LabNode node : nodes()) {
      LabApps.start(
          lab, lab.pods().values().stream().filter(pod -> pod.node().equals(node)).toList());
    }
  }

  /** Agents need no controlplane, so all of them start at once. */
  void startControl() throws IOException {
    LabProcess controlPlane = daemons.startControlPlane(Map.of());
    startAgents();
    daemons.awaitControlPlane(controlPlane);
    awaitAgents();
  }

  void startAgents() throws IOException {
    for (LabNode node : nodes()) {
      agents.put(node, daemons.startAgent(node, Map.of()));
    }
  }

  void awaitAgents() throws IOException {
    for (LabNode node : nodes()) {
      daemons.awaitAgent(node, agents.get(node));
    }
  }

  void startZtunnels() throws IOException {
    for (LabNode node : nodes()) {
      ztunnels.put(node, daemons.startZtunnel(node, DRAIN));
    }
    for (LabNode node : nodes()) {
      daemons.awaitZtunnel(node, ztunnels.get(node));
    }
  }

  void startWaypoint() throws IOException {
    LabPod pod = pod(DemoResources.WAYPOINT);
    waypoint = daemons.startWaypoint(pod, DemoResources.WAYPOINT, TRACES);
    daemons.awaitWaypoint(pod, waypoint);
    Await.until(
        "client reaches store", Duration.ofSeconds(20), () -> curl("client", "http://store/").ok());
  }

  LabProcess waypoint() {
    return waypoint;
  }

  /**
   * Starts another beside the one of a node, and waits until it is ready: it is the node's then.
   */
  LabProcess startNextZtunnel(LabNode node) throws IOException {
    LabProcess next = daemons.startZtunnel(node, 1, DRAIN);
    daemons.awaitZtunnel(node, 1, next);
    ztunnels.put(node, next);
    return next;
  }

  /** Until every captured pod can speak: the last of what happens after readiness. */
  void awaitTraffic() throws IOException {
    Await.until(
        "client reaches web and db",
        Duration.ofSeconds(20),
        () -> curl("client", "http://web/").ok() && curl("client", "http://db/").ok());
  }

  List<LabNode> nodes() {
    return List.of(node1, node2);
  }

  LabNode node1() {
    return node1;
  }

  LabNode node2() {
    return node2;
  }

  Lab lab() {
    return lab;
  }

  LabPod pod(String name) {
    return lab.pods().get(name);
  }

  LabProcess agent(LabNode node) {
    return agents.get(node);
  }

  LabProcess ztunnel(LabNode node) {
    return ztunnels.get(node);
  }

  /** The link between the fabric and node2, where its traffic is recorded. */
  NodeLink link() {
    return link;
  }

  Curl.Answer curl(String pod, String... arguments) throws IOException {
    return Curl.from(lab, pod(pod), arguments);
  }

  /** The status code of an answer; what follows the pod is curl's, the URL last. */
  String status(String pod, String... arguments) throws IOException {
    List<String> all =
        new ArrayList<>(
            List.of("--path-as-is", "--no-fail", "-o", "/dev/null", "-w", "%{http_code}"));
    all.addAll(List.of(arguments));
    return curl(pod, all.toArray(String[]::new)).body();
  }
}
