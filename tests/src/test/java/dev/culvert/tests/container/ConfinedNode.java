// SPDX-License-Identifier: Apache-2.0
package dev.culvert.tests.container;

import dev.culvert.cli.lab.Lab;
import dev.culvert.cli.lab.LabMesh;
import dev.culvert.cli.lab.LabNode;
import dev.culvert.cli.lab.LabPlace;
import dev.culvert.cli.lab.LabPod;
import dev.culvert.cli.lab.LabPodSpec;
import dev.culvert.cli.lab.LabProcess;
import dev.culvert.cli.status.LocalAgent;
import dev.culvert.tests.kubelet.KubeletLayout;
import dev.culvert.tests.kubelet.ProbedApp;
import dev.culvert.tests.kubelet.Probing;
import dev.culvert.tests.mesh.Await;
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

/**
 * A node whose agent and ztunnel are confined as the chart confines them, and one where they are
 * not. A pod of the mesh runs on each, and somebody else.
 */
public final class ConfinedNode implements AutoCloseable {
  private static final String WEB = "0b4ecf55-8d3b-4c4b-9a39-6c1f5a4a7f10";
  private static final Duration PATIENCE = Duration.ofSeconds(60);

  private static final String RESOURCES =
      """
      apiVersion: v1
      kind: Namespace
      metadata: {name: shop, labels: {culvert.dev/dataplane-mode: ambient}}
      ---
      apiVersion: v1
      kind: Namespace
      metadata: {name: other}
      ---
      apiVersion: v1
      kind: Node
      metadata: {name: node1}
      ---
      apiVersion: v1
      kind: Node
      metadata: {name: node2}
      ---
      apiVersion: policy.culvert.dev/v1alpha1
      kind: PeerAuthentication
      metadata: {name: strict, namespace: shop}
      spec: {mtls: {mode: STRICT}}
      """;

  private static final String CONFLIST =
      """
      {"cniVersion":"1.0.0","name":"net","plugins":[{"type":"bridge"}]}
      """;

  private final Lab lab;
  private final SeccompProfile profile;
  private final String transport;
  private final LabNode node;
  private final LabNode ordinary;
  private final LabPod web;
  private final LabPod far;
  private final LabPod other;
  private final List<Container> containers = new ArrayList<>();
  private final List<Probing> probing = new ArrayList<>();
  private LabProcess agent;
  private LabProcess ztunnel;

  private ConfinedNode(Lab lab, SeccompProfile profile, String transport) throws IOException {
    this.lab = lab;
    this.profile = profile;
    this.transport = transport;
    this.node = lab.addNode("node1");
    this.ordinary = lab.addNode("node2");
    this.web = lab.addPod(node, new LabPodSpec("shop", "web", "web", Map.of()));
    this.far = lab.addPod(ordinary, new LabPodSpec("shop", "far", "far", Map.of()));
    this.other = lab.addPod(ordinary, new LabPodSpec("other", "other", "other", Map.of()));
  }

  /** Starts everything; the pods run before the agents do. */
  public static ConfinedNode start(SeccompProfile profile, String transport)
      throws IOException, InterruptedException {
    String name = "t%d-confined".formatted(ProcessHandle.current().pid());
    ConfinedNode started = new ConfinedNode(Lab.create(name), profile, transport);
    try {
      started.start();
      return started;
    } catch (IOException | InterruptedException | RuntimeException | AssertionError e) {
      started.close();
      throw e;
    }
  }

  /** A machine that has only built so far has no container runtime. */
  private static void installRuntime() throws IOException, InterruptedException {
    int exit = new ProcessBuilder("../scripts/packages").inheritIO().start().waitFor();
    if (exit != 0) {
      throw new IOException("scripts/packages cannot install a container runtime");
    }
  }

  private void start() throws IOException, InterruptedException {
    installRuntime();
    lab.resources().write("mesh.yaml", RESOURCES);
    lab.resources().write("web.yaml", found(web.yaml()));
    lab.resources().write("far.yaml", far.yaml());
    lab.resources().write("other.yaml", other.yaml());
    Files.createDirectories(conflist().getParent());
    Files.writeString(conflist(), CONFLIST);
    List<LabProcess> apps = List.of(app(web), app(far));
    LabMesh mesh = new LabMesh(lab);
    LabProcess controlPlane = mesh.startControlPlane(Map.of());
    LabProcess otherAgent = mesh.startAgent(ordinary, Map.of());
    agent = startAgent();
    for (LabProcess app : apps) {
      app.awaitLine("serves", PATIENCE);
    }
    mesh.awaitControlPlane(controlPlane);
    LabProcess otherZtunnel = mesh.startZtunnel(ordinary, Map.of());
    ztunnel = startZtunnel();
    mesh.awaitAgent(node, agent);
    mesh.awaitAgent(ordinary, otherAgent);
    mesh.awaitZtunnel(node, ztunnel);
    mesh.awaitZtunnel(ordinary, otherZtunnel);
    Await.until("the pods are in the mesh", () -> isEnrolled(node) && isEnrolled(ordinary));
  }

  /** As an API server has it: nothing says where its namespace is. */
  private static String found(String yaml) {
    return yaml.replaceFirst(
        "  annotations:\n    culvert.dev/netns: .*\n", "  uid: %s\n".formatted(WEB));
  }

  private static boolean isEnrolled(LabNode node) throws IOException {
    return new LocalAgent(node.agentSocket())
        .state().pods().stream().anyMatch(each -> each.state().equals("enrolled"));
  }

  private LabProcess app(LabPod pod) throws IOException {
    return lab.start(place(pod), "app-" + pod.name(), ProbedApp.command());
  }

  /** Below the cgroup that a kubelet makes of its uid. */
  private LabPlace place(LabPod pod) throws IOException {
    Path group = pod.node().cgroup().resolve(KubeletLayout.SYSTEMD.container(WEB, "c1"));
    return LabPlace.ofNode(pod.netns(), Files.createDirectories(group));
  }

  private LabProcess startAgent() throws IOException {
    Container container =
        container(
            "agent",
            Map.of(
                "run", node.directory(),
                "zds", node.directory(),
                "bpffs", Path.of("/sys/fs/bpf"),
                "cgroup", Container.cgroup(node.cgroup()),
                "netns", Path.of("/run/netns"),
                "sysctl", Path.of("/proc/sys/net"),
                "cni-conf", conflist().getParent()),
            Map.of("/source", lab.layout().resources()));
    return new LabMesh(lab, container.prefix())
        .startAgent(
            node,
            Map.of(
                "source", "/source",
                "cgroup", "/host/sys/fs/cgroup",
                "zds-socket", "/var/run/ztunnel/ztunnel.sock",
                "socket", "/run/culvert/agent.sock",
                "pairs-socket", "/run/culvert/pairs.sock",
                "cni-socket", "/run/culvert/cni.sock",
                "cni-conf-dir", "/host/etc/cni/net.d"));
  }

  private LabProcess startZtunnel() throws IOException {
    Container container =
        container(
            "ztunnel",
            Map.of("run", node.directory(), "zds", node.directory()),
            Map.of("/state", lab.layout().state()));
    return new LabMesh(lab, container.prefix())
        .startZtunnel(
            node,
            Map.of(
                "root-cert", "/state/root-cert.pem",
                "token-file", "/state/nodes/node1.token",
                "zds-socket", "/var/run/ztunnel/ztunnel.sock",
                "pairs-socket", "/run/culvert/pairs.sock",
                "transport", transport));
  }

  private Container container(String name, Map<String, Path> volumes, Map<String, Path> more)
      throws IOException {
    Container container =
        Container.make(
            ChartContainer.named(name),
            lab.layout().directory().resolve("containers"),
            name,
            node.place().cgroup(),
            profile,
            volumes,
            more);
    containers.add(container);
    return container;
  }

  /** The list that a runtime of the confined node reads. */
  public Path conflist() {
    return lab.layout().directory().resolve("net.d").resolve("10-net.conflist");
  }

  /** Who asks from the pod of the confined node. */
  public Probing fromWeb() throws IOException {
    return start(place(web), "client");
  }

  /** Who asks from the pod of the other. */
  public Probing fromFar() throws IOException {
    return start(place(far), "client");
  }

  /** Who asks from outside of the mesh. */
  public Probing fromOutside() throws IOException {
    return start(place(other), "client");
  }

  /** The kubelet of the confined node, in a cgroup of its own. */
  public Probing startKubelet() throws IOException {
    Path group = Files.createDirectories(node.cgroup().resolve("system.slice/kubelet.service"));
    return start(LabPlace.ofNode(node.netns(), group), "kubelet");
  }

  /** Whose probes the confined agent lets in; a path as it sees it. */
  public Optional<String> probes() throws IOException {
    return new LocalAgent(node.agentSocket()).probes();
  }

  /** What the confined agent says is wrong with the list. */
  public Optional<String> cniTrouble() throws IOException {
    return new LocalAgent(node.agentSocket()).trouble();
  }

  private Probing start(LabPlace place, String program) throws IOException {
    Probing started = Probing.start(place, program, lab.layout().directory());
    probing.add(started);
    return started;
  }

  /** The address of the pod on the confined node. */
  public String web() {
    return web.ip4();
  }

  /** The address of the pod on the other. */
  public String far() {
    return far.ip4();
  }

  /** What both confined daemons wrote. */
  public List<String> logs() throws IOException {
    return Stream.concat(agent.lines().stream(), ztunnel.lines().stream()).toList();
  }

  /** SIGTERM to both; their exit codes. */
  public List<Integer> end() throws IOException {
    return List.of(ztunnel.terminate(PATIENCE), agent.terminate(PATIENCE));
  }

  @Override
  public void close() throws IOException {
    probing.forEach(Probing::close);
    for (Container container : containers) {
      container.delete(lab);
    }
    keepLogs(Path.of("target", "mesh", "confined-" + profile.name().toLowerCase(Locale.ROOT)));
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
