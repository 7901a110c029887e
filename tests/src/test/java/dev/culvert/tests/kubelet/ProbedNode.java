// SPDX-License-Identifier: Apache-2.0
package dev.culvert.tests.kubelet;

import dev.culvert.cli.lab.Lab;
import dev.culvert.cli.lab.LabMesh;
import dev.culvert.cli.lab.LabNode;
import dev.culvert.cli.lab.LabPlace;
import dev.culvert.cli.lab.LabPod;
import dev.culvert.cli.lab.LabPodSpec;
import dev.culvert.cli.lab.LabProcess;
import dev.culvert.cli.status.LocalAgent;
import dev.culvert.linux.file.Cgroup;
import dev.culvert.tests.mesh.Await;
import dev.culvert.tests.mesh.TestLab;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;

/** One node with a kubelet's cgroups, a mesh that is STRICT, and a pod with health endpoints. */
public final class ProbedNode implements AutoCloseable {
  private static final String APP = "0b4ecf55-8d3b-4c4b-9a39-6c1f5a4a7f10";
  private static final String HOST_NETWORK = "5d1b3c07-02c7-4f43-9b1f-0d1d0f0f6a11";
  private static final Duration PATIENCE = Duration.ofSeconds(60);

  private static final String RESOURCES =
      """
      apiVersion: v1
      kind: Namespace
      metadata: {name: shop, labels: {culvert.dev/dataplane-mode: ambient}}
      ---
      apiVersion: v1
      kind: Node
      metadata: {name: node1}
      ---
      apiVersion: policy.culvert.dev/v1alpha1
      kind: PeerAuthentication
      metadata: {name: strict, namespace: shop}
      spec: {mtls: {mode: STRICT}}
      """;

  private final Lab lab;
  private final KubeletLayout layout;
  private final LabNode node;
  private final LabPod pod;
  private final LabMesh mesh;
  private final List<Probing> probing = new ArrayList<>();
  private LabProcess agent;

  private ProbedNode(Lab lab, KubeletLayout layout) throws IOException {
    this.lab = lab;
    this.layout = layout;
    this.node = lab.addNode("node1");
    this.pod = lab.addPod(node, new LabPodSpec("shop", "web", "web", Map.of()));
    this.mesh = new LabMesh(lab);
  }

  /** Starts everything; the pod runs before the agent does, as on a node that is taken in. */
  public static ProbedNode start(KubeletLayout layout) throws IOException, InterruptedException {
    ProbedNode node = new ProbedNode(TestLab.create("kubelet"), layout);
    try {
      node.start();
      return node;
    } catch (IOException | InterruptedException | RuntimeException | AssertionError e) {
      node.close();
      throw e;
    }
  }

  private void start() throws IOException, InterruptedException {
    lab.resources().write("mesh.yaml", RESOURCES);
    lab.resources().write("pod.yaml", found(pod.yaml()));
    LabProcess app =
        lab.start(
            LabPlace.ofNode(pod.netns(), make(layout.container(APP, "c1"))),
            "app",
            ProbedApp.command());
    LabProcess controlPlane = mesh.startControlPlane(Map.of());
    agent = mesh.startAgent(node, Map.of());
    app.awaitLine("serves", PATIENCE);
    mesh.awaitControlPlane(controlPlane);
    LabProcess ztunnel = mesh.startZtunnel(node, Map.of());
    mesh.awaitAgent(node, agent);
    mesh.awaitZtunnel(node, ztunnel);
    Await.until("the pod is in the mesh", this::isEnrolled);
  }

  /** As an API server has it: nothing says where its namespace is. */
  private static String found(String yaml) {
    return yaml.replaceFirst(
        "  annotations:\n    culvert.dev/netns: .*\n", "  uid: %s\n".formatted(APP));
  }

  private boolean isEnrolled() throws IOException {
    return new LocalAgent(node.agentSocket())
        .state().pods().stream().anyMatch(each -> each.state().equals("enrolled"));
  }

  private Path make(Path group) throws IOException {
    return Files.createDirectories(node.cgroup().resolve(group));
  }

  /** The kubelet, in a cgroup of its own. */
  public Probing startKubelet() throws IOException {
    return start(make(layout.kubelet()), "kubelet");
  }

  /** The kubelet's cgroup is removed, as systemd does when it has ended. */
  public void removeKubeletGroup() throws IOException {
    new Cgroup(node.cgroup().resolve(layout.kubelet())).remove();
  }

  /** The agent says whose probes it lets in. */
  public void awaitKubelet() throws InterruptedException {
    String group = node.cgroup().resolve(layout.kubelet()).toString();
    Await.until(
        "the agent follows " + group,
        () -> new LocalAgent(node.agentSocket()).probes().equals(Optional.of(group)));
  }

  /** A pod on the network of the node. */
  public Probing startHostNetworkPod() throws IOException {
    return start(make(layout.container(HOST_NETWORK, "c2")), "kubelet");
  }

  /** A service of the node beside the kubelet, such as sshd. */
  public Probing startHostProcess() throws IOException {
    return start(make(Path.of("system.slice", "ssh.service")), "sshd");
  }

  private Probing start(Path group, String program) throws IOException {
    Probing started =
        Probing.start(LabPlace.ofNode(node.netns(), group), program, lab.layout().directory());
    probing.add(started);
    return started;
  }

  /** Ends the agent without a last word and starts the next. */
  public void killAgent() throws IOException {
    agent.kill();
  }

  public void startAgent() throws IOException, InterruptedException {
    agent = mesh.startAgent(node, Map.of());
    mesh.awaitAgent(node, agent);
    Await.until("the pod is in the mesh", this::isEnrolled);
  }

  public String v4() {
    return pod.ip4();
  }

  public String v6() {
    return pod.ip6();
  }

  @Override
  public void close() throws IOException {
    probing.forEach(Probing::close);
    keepLogs(Path.of("target", "mesh", "kubelet-" + layout.name().toLowerCase(Locale.ROOT)));
    lab.close();
  }

  private void keepLogs(Path folder) throws IOException {
    Files.createDirectories(folder);
    try (Stream<Path> logs = Files.list(lab.layout().logs())) {
      for (Path log : logs.toList()) {
        Files.copy(log, folder.resolve(log.getFileName()), StandardCopyOption.REPLACE_EXISTING);
      }
    }
  }
}
