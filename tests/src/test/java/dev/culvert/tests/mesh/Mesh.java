// SPDX-License-Identifier: Apache-2.0
package dev.culvert.tests.mesh;

import static org.assertj.core.api.Assertions.assertThat;

import dev.culvert.cli.lab.Lab;
import dev.culvert.cli.lab.LabNode;
import dev.culvert.cli.lab.LabPod;
import dev.culvert.cli.lab.LabPodSpec;
import dev.culvert.linux.file.Mounts;
import dev.culvert.tests.app.NodeThread;
import dev.culvert.tests.app.PodSockets;
import dev.culvert.tests.hostile.CertificateAuthority;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;

/** Two nodes, a controlplane, and pods on both sides of every border that the scenarios cross. */
public final class Mesh implements AutoCloseable {
  public static final String NODE_1 = "node1";
  public static final String NODE_2 = "node2";
  public static final String NAMESPACE = "mesh";
  public static final String SERVICE = "web";
  public static final String SERVICE_HOST = "web.mesh.svc.cluster.local";
  public static final String SERVICE_ADDRESS = "198.19.0.1";
  public static final int SERVICE_TARGET_PORT = 8079;

  /** Resolvers that do not exist: only the mesh can answer. */
  public static final InetSocketAddress RESOLVER_V4 = new InetSocketAddress("198.18.0.253", 53);

  public static final InetSocketAddress RESOLVER_V6 = new InetSocketAddress("fd00:c01::fd", 53);

  private static final int FIRST_PORT = 9000;

  private final Lab lab;
  private final MeshProcesses processes;
  private final ThreadedDomain domain;
  private final Map<String, NodeThread> threads = new HashMap<>();
  private final Map<String, MeshPod> pods = new HashMap<>();
  private int nextPort = FIRST_PORT;
  private int nextService = 1;

  private Mesh(Lab lab, Map<String, String> ztunnelSettings, List<String> prefix)
      throws IOException {
    this.lab = lab;
    this.processes = new MeshProcesses(lab, ztunnelSettings, prefix);
    this.domain = ThreadedDomain.of(lab.control().cgroup().getParent(), Mounts.cgroup2());
  }

  /** Whether scenarios can run at all. */
  public static boolean isRoot() {
    return "root".equals(System.getProperty("user.name"));
  }

  /** Starts it with ztunnels on that transport, or closes what it had started. */
  public static Mesh start(String transport) throws Exception {
    return closedOnFailure(transport, Map.of("transport", transport), Mesh::startProcesses);
  }

  /** Starts it with ztunnels on that transport that have these settings besides. */
  public static Mesh start(String transport, Map<String, String> more) throws Exception {
    Map<String, String> settings = new HashMap<>(more);
    settings.put("transport", transport);
    return closedOnFailure(transport, settings, Mesh::startProcesses);
  }

  /** Starts it under an authority that somebody else made. */
  public static Mesh startUnder(
      CertificateAuthority authority, String transport, Map<String, String> more) throws Exception {
    return startAfter(authority, transport, more, _ -> {});
  }

  /**
   * Starts it under an authority that somebody else made, once what it needs besides is there.
   *
   * @param more settings of its ztunnels
   * @param before what it needs besides
   */
  static Mesh startAfter(
      CertificateAuthority authority, String transport, Map<String, String> more, Step before)
      throws Exception {
    Map<String, String> settings = new HashMap<>(more);
    settings.put("transport", transport);
    return closedOnFailure(
        "own-root",
        settings,
        mesh -> {
          Files.createDirectory(mesh.authorityFolder());
          authority.signIn(mesh.authorityFolder(), authority);
          mesh.processes.trust(mesh.authorityFolder());
          before.run(mesh);
          mesh.startProcesses();
        });
  }

  /** The files of an authority that somebody else made, in the layout of Istio's Secret cacerts. */
  public Path authorityFolder() {
    return lab.layout().directory().resolve("authority");
  }

  /** Starts it with ztunnels that let pods of a node connect without them. */
  public static Mesh startWithKernelPath() throws Exception {
    return closedOnFailure("kernel", Map.of("same-node", "kernel"), Mesh::startProcesses);
  }

  /** Starts it with ztunnels that ask for addresses when a connection needs them. */
  public static Mesh startOnDemand(String transport) throws Exception {
    return closedOnFailure(
        "demand",
        Map.of(
            "transport", transport,
            "xds-on-demand", "true",
            "dns-proxy", "false",
            "connect-timeout", "4s"), // as long as scenarios wait for what is not there
        Mesh::startProcesses);
  }

  /** Starts it with processes for which the kernel has no IPv6. */
  public static Mesh startWithoutIpv6(String transport) throws Exception {
    return closedOnFailure(
        "no-ipv6", Map.of("transport", transport), WithoutIpv6.prefix(), Mesh::startProcesses);
  }

  /** The same pods without any process of Culvert: what the kernel alone does. */
  public static Mesh withoutProcesses() throws Exception {
    return closedOnFailure("none", Map.of(), _ -> {});
  }

  @FunctionalInterface
  interface Step {
    void run(Mesh mesh) throws Exception;
  }

  private static Mesh closedOnFailure(String kind, Map<String, String> ztunnelSettings, Step more)
      throws Exception {
    return closedOnFailure(kind, ztunnelSettings, List.of(), more);
  }

  private static Mesh closedOnFailure(
      String kind, Map<String, String> ztunnelSettings, List<String> prefix, Step more)
      throws Exception {
    Mesh mesh = new Mesh(TestLab.create(kind.replace('_', '-')), ztunnelSettings, prefix);
    try {
      mesh.build();
      more.run(mesh);
      return mesh;
    } catch (Exception | Error e) {
      try {
        mesh.close();
      } catch (IOException | RuntimeException | Error alsoThis) {
        e.addSuppressed(alsoThis);
      }
      throw e;
    }
  }

  private void build() throws IOException {
    ThreadedDomain.makeThreaded(lab.control().cgroup());
    domain.enter();
    for (String node : List.of(NODE_1, NODE_2)) {
      addNode(node);
    }
    lab.resources().write("mesh.yaml", Manifests.mesh());
    createPod(NODE_1, "client", true);
    createPod(NODE_1, "neighbour", true);
    createPod(NODE_1, "outsider", false);
    createPod(NODE_2, "server", true);
    createPod(NODE_2, "plain", false);
    createPodWithoutV4(NODE_1, "client6");
    createPodWithoutV4(NODE_2, "server6");
  }

  private void startProcesses() throws IOException, InterruptedException {
    processes.start(pods.get("plain").lab());
    for (String captured : List.of("client", "neighbour", "server", "client6", "server6")) {
      processes.awaitEnrolled(pods.get(captured).lab());
    }
  }

  private void addNode(String name) throws IOException {
    LabNode node = lab.addNode(name);
    ThreadedDomain.makeThreaded(node.cgroup());
    ThreadedDomain.makeThreaded(node.cgroup().resolve("system"));
    ThreadedDomain.makeThreaded(node.cgroup().resolve("pods"));
    threads.put(name, NodeThread.enter(node.cgroup().resolve("pods")));
  }

  /** Captured, on node 1. */
  public MeshPod client() {
    return pods.get("client");
  }

  /** Captured, on node 1 too. */
  public MeshPod neighbour() {
    return pods.get("neighbour");
  }

  /** Not captured, on node 1. */
  public MeshPod outsider() {
    return pods.get("outsider");
  }

  /** Captured, on node 2; the service's only endpoint. */
  public MeshPod server() {
    return pods.get("server");
  }

  /** Not captured, on node 2. */
  public MeshPod uncapturedServer() {
    return pods.get("plain");
  }

  /** Captured, on node 1, without IPv4. */
  public MeshPod clientWithoutV4() {
    return pods.get("client6");
  }

  /** Captured, on node 2, without IPv4. */
  public MeshPod serverWithoutV4() {
    return pods.get("server6");
  }

  public InetAddress serviceAddress() {
    return InetAddress.ofLiteral(SERVICE_ADDRESS);
  }

  /** A port that no scenario has taken. */
  public int nextPort() {
    return nextPort++;
  }

  /** A virtual address that no scenario has taken. */
  public InetAddress nextServiceAddress() {
    return InetAddress.ofLiteral("198.19.100." + nextService++);
  }

  /** Adds a pod; a captured one is enrolled when this returns. */
  public MeshPod addPod(String node, String name, boolean captured)
      throws IOException, InterruptedException {
    MeshPod pod = createPod(node, name, captured);
    try {
      if (captured) {
        processes.awaitEnrolled(pod.lab());
      }
      return pod;
    } catch (AssertionError | InterruptedException e) {
      delete(pod);
      throw e;
    }
  }

  /** Adds a pod that nobody may be there to enrol. */
  public MeshPod addPodWithoutWaiting(String node, String name, boolean captured)
      throws IOException {
    return createPod(node, name, captured);
  }

  /** Labels pods in or out of the mesh, in as many files as there are pods, at once. */
  public void capture(boolean captured, MeshPod... changed) throws IOException {
    for (MeshPod pod : changed) {
      lab.resources().write(file(pod.lab()), Manifests.pod(pod.lab(), captured));
    }
  }

  /** Adds a captured pod of another namespace; it is enrolled when this returns. */
  public MeshPod addPodOf(String namespace, String node, String name)
      throws IOException, InterruptedException {
    LabPod pod = newPod(namespace, node, name);
    lab.resources().write(file(pod), Manifests.pod(pod, true));
    MeshPod made = register(pod);
    try {
      processes.awaitEnrolled(pod);
      return made;
    } catch (AssertionError | InterruptedException e) {
      delete(made);
      throw e;
    }
  }

  /** Adds a host that nobody tells the mesh of. */
  public MeshPod addHost(String node, String name) throws IOException {
    return register(newPod(node, name));
  }

  /** Writes anew what a pod is, with these edits and no others. */
  public void describe(MeshPod pod, boolean captured, PodEdit... edits) throws IOException {
    String yaml = Manifests.pod(pod.lab(), captured);
    for (PodEdit edit : edits) {
      yaml = edit.apply(yaml);
    }
    lab.resources().write(file(pod.lab()), yaml);
  }

  private MeshPod createPod(String node, String name, boolean captured) throws IOException {
    LabPod pod = newPod(node, name);
    lab.resources().write(file(pod), Manifests.pod(pod, captured));
    return register(pod);
  }

  private void createPodWithoutV4(String node, String name) throws IOException {
    LabPod pod = newPod(node, name);
    lab.run(pod.place(), List.of("ip", "-4", "address", "flush", "dev", "eth0"));
    lab.resources().write(file(pod), Manifests.withoutV4(pod));
    register(pod);
  }

  /** Adds a captured pod whose namespace has no IPv6, loopback neither; it is enrolled then. */
  public MeshPod addPodWithoutV6(String node, String name)
      throws IOException, InterruptedException {
    LabPod pod = newPod(node, name);
    for (String part : List.of("all", "default")) {
      lab.run(
          pod.place(),
          List.of("sysctl", "-q", "-w", "net.ipv6.conf.%s.disable_ipv6=1".formatted(part)));
    }
    lab.resources().write(file(pod), Manifests.without(pod.ip6(), Manifests.pod(pod, true)));
    MeshPod made = register(pod);
    try {
      processes.awaitEnrolled(pod);
      return made;
    } catch (AssertionError | InterruptedException e) {
      delete(made);
      throw e;
    }
  }

  private LabPod newPod(String node, String name) throws IOException {
    return newPod(NAMESPACE, node, name);
  }

  private LabPod newPod(String namespace, String node, String name) throws IOException {
    Map<String, String> labels = Map.of("app", name, "culvert.dev/dataplane-mode", "ambient");
    return lab.addPod(lab.nodes().get(node), new LabPodSpec(namespace, name, name, labels));
  }

  private MeshPod register(LabPod pod) throws IOException {
    PodSockets sockets = PodSockets.in(threads.get(pod.node().name()), pod.netnsFile());
    MeshPod made = new MeshPod(this, pod, sockets);
    pods.put(pod.name(), made);
    return made;
  }

  void delete(MeshPod pod) throws IOException {
    pods.remove(pod.name());
    lab.resources().delete(file(pod.lab()));
    pod.release();
    lab.removePod(pod.lab());
  }

  private static String file(LabPod pod) {
    return "pod-" + pod.name() + ".yaml";
  }

  /** Puts a file into the folder of resources. */
  public void apply(String file, String yaml) throws IOException {
    lab.resources().write(file, yaml);
  }

  /** Takes a file out of the folder of resources. */
  public void withdraw(String file) throws IOException {
    lab.resources().delete(file);
  }

  /** The namespaces, for what needs more than pods. */
  public Lab lab() {
    return lab;
  }

  public MeshProcesses processes() {
    return processes;
  }

  /** The mesh's own CA, key included. */
  public CertificateAuthority authority() throws IOException {
    return CertificateAuthority.ofMesh(lab.layout().state());
  }

  /** Where a node's agent listens for ztunnel. */
  public Path zdsSocketOf(MeshPod pod) {
    return pod.lab().node().zdsSocket();
  }

  /**
   * Runs the action, in which the source opens and closes one connection, and waits for what the
   * destination's ztunnel logs of it: the source's identity, if it proved one.
   */
  public Optional<String> sourceIdentity(
      InetAddress from, MeshPod to, InetSocketAddress at, Callable<?> action) throws Exception {
    AccessLog log = new AccessLog(processes.ztunnelOf(to).lab().log());
    int before = log.sources(from, at).size();
    action.call();
    Await.until(
        "an access line for %s to %s".formatted(from, at),
        () -> log.sources(from, at).size() > before);
    return log.sources(from, at).getLast();
  }

  /** Ends everything and proves that nothing is left. */
  @Override
  public void close() throws IOException {
    pods.values().forEach(MeshPod::release);
    threads.values().forEach(NodeThread::close);
    domain.close();
    List<String> complaints = processes.complaints();
    processes.keepLogs(Path.of("target", "mesh", lab.layout().name()));
    lab.close();
    assertThat(complaints).as("what the processes should never log").isEmpty();
    assertThat(Leftovers.of(lab.layout().name())).as("left behind").isEmpty();
    assertThat(Files.exists(lab.layout().directory())).as("the lab's folder").isFalse();
  }
}
