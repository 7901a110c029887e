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
import dev.culvert.controlplane.source.kubernetes.ApiServer;
import dev.culvert.tests.kubelet.KubeletLayout;
import dev.culvert.tests.kubelet.ProbedApp;
import dev.culvert.tests.kubelet.Probing;
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

/**
 * A node whose agent and ztunnel are confined as the chart confines them, and one where they are
 * not. A pod of the mesh runs on each, and somebody else.
 */
public final class ConfinedNode implements AutoCloseable {
  private static final String WEB = "0b4ecf55-8d3b-4c4b-9a39-6c1f5a4a7f10";
  private static final String NEAR = "5d1f9b3c-64cc-4a65-9e37-9a4b8f3c2d21";
  private static final Duration PATIENCE = Duration.ofSeconds(60);

  private static final String NAMESPACE =
      """
      apiVersion: v1
      kind: Namespace
      metadata: {name: shop, labels: {culvert.dev/dataplane-mode: ambient}}
      """;

  private static final String RESOURCES =
      NAMESPACE
          + """
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
  private final ConfinedDaemons daemons;
  private final ApiServer api;
  private final LabNode node;
  private final LabNode ordinary;
  private final LabPod web;
  private final LabPod near;
  private final LabPod far;
  private final LabPod other;
  private final List<Probing> probing = new ArrayList<>();
  private LabProcess agent;
  private LabProcess ztunnel;

  private ConfinedNode(Lab lab, SeccompProfile profile, Map<String, String> ztunnelSettings)
      throws IOException {
    this.lab = lab;
    this.profile = profile;
    this.node = lab.addNode("node1");
    this.api = node.place().call(ApiServer::new);
    this.daemons = new ConfinedDaemons(lab, node, profile, ztunnelSettings);
    this.ordinary = lab.addNode("node2");
    this.web = lab.addPod(node, new LabPodSpec("shop", "web", "web", Map.of()));
    this.near = lab.addPod(node, new LabPodSpec("shop", "near", "near", Map.of("app", "near")));
    this.far = lab.addPod(ordinary, new LabPodSpec("shop", "far", "far", Map.of("app", "far")));
    this.other = lab.addPod(ordinary, new LabPodSpec("other", "other", "other", Map.of()));
  }

  /**
   * Starts everything; the pods run before the agents do.
   *
   * @param ztunnelSettings of the confined ztunnel
   */
  public static ConfinedNode start(SeccompProfile profile, Map<String, String> ztunnelSettings)
      throws IOException, InterruptedException {
    ConfinedNode started = new ConfinedNode(TestLab.create("confined"), profile, ztunnelSettings);
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
    api.apply(NAMESPACE);
    add("web", found(web, WEB));
    add("near", found(near, NEAR));
    lab.resources().write("far.yaml", far.yaml());
    lab.resources().write("other.yaml", other.yaml());
    Files.createDirectories(conflist().getParent());
    Files.writeString(conflist(), CONFLIST);
    List<LabProcess> apps = List.of(app(web), app(near), app(far));
    LabMesh mesh = new LabMesh(lab);
    LabProcess controlPlane = mesh.startControlPlane(Map.of());
    LabProcess otherAgent = mesh.startAgent(ordinary, Map.of());
    agent = startAgent();
    for (LabProcess app : apps) {
      app.awaitLine("serves", PATIENCE);
    }
    mesh.awaitControlPlane(controlPlane);
    LabProcess otherZtunnel = mesh.startZtunnel(ordinary, Map.of());
    ztunnel = daemons.startZtunnel(0);
    mesh.awaitAgent(node, agent);
    mesh.awaitAgent(ordinary, otherAgent);
    mesh.awaitZtunnel(node, ztunnel);
    mesh.awaitZtunnel(ordinary, otherZtunnel);
    Await.until("the pods are in the mesh", () -> isEnrolled(node) && isEnrolled(ordinary));
  }

  /** A pod of the confined node, whose agent asks the API server. */
  void add(String name, String yaml) throws IOException {
    lab.resources().write(name + ".yaml", yaml);
    api.apply(yaml);
  }

  /** Takes it away again. */
  void remove(String name) throws IOException {
    lab.resources().delete(name + ".yaml");
    api.delete("v1", "pods", "shop", name);
  }

  LabProcess startAgent() throws IOException {
    return daemons.startAgent(api.url());
  }

  /** As an API server has it: nothing says where its namespace is. */
  private static String found(LabPod pod, String uid) {
    return pod.yaml()
        .replaceFirst("  annotations:\n    culvert.dev/netns: .*\n", "  uid: %s\n".formatted(uid));
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
    String uid = pod == near ? NEAR : WEB;
    Path group = pod.node().cgroup().resolve(KubeletLayout.SYSTEMD.container(uid, "c1"));
    return LabPlace.ofNode(pod.netns(), Files.createDirectories(group));
  }

  /** Where names are looked up as in a pod. */
  LabPlace placeOfWeb() throws IOException {
    return new LabPlace(web.netns(), place(web).cgroup(), true);
  }

  Lab lab() {
    return lab;
  }

  LabNode node() {
    return node;
  }

  ConfinedDaemons daemons() {
    return daemons;
  }

  LabProcess agent() {
    return agent;
  }

  LabProcess ztunnel() {
    return ztunnel;
  }

  /** The list that a runtime of the confined node reads. */
  public Path conflist() {
    return daemons.conflist();
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

  /** The address of its neighbour. */
  public String near() {
    return near.ip4();
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
    daemons.delete();
    keepLogs(Path.of("target", "mesh", "confined-" + profile.name().toLowerCase(Locale.ROOT)));
    lab.close();
    api.close();
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
