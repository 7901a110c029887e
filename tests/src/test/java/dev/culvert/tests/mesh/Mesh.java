// SPDX-License-Identifier: Apache-2.0
package dev.culvert.tests.mesh;

import static org.assertj.core.api.Assertions.assertThat;

import dev.culvert.cli.lab.Lab;
import dev.culvert.linux.file.Mounts;
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
  private final MeshPods pods;
  private int nextPort = FIRST_PORT;
  private int nextService = 1;

  private Mesh(Lab lab, Map<String, String> ztunnelSettings, List<String> prefix)
      throws IOException {
    this.lab = lab;
    this.processes = new MeshProcesses(lab, ztunnelSettings, prefix);
    this.pods = new MeshPods(this, processes);
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
    pods.addNode(NODE_1);
    pods.addNode(NODE_2);
    lab.resources().write("mesh.yaml", Manifests.mesh());
    pods.add(NODE_1, "client", true);
    pods.add(NODE_1, "neighbour", true);
    pods.add(NODE_1, "outsider", false);
    pods.add(NODE_2, "server", true);
    pods.add(NODE_2, "plain", false);
    pods.addWithoutV4(NODE_1, "client6");
    pods.addWithoutV4(NODE_2, "server6");
  }

  private void startProcesses() throws IOException, InterruptedException {
    processes.start(pods.get("plain").lab());
    for (String captured : List.of("client", "neighbour", "server", "client6", "server6")) {
      processes.awaitEnrolled(pods.get(captured).lab());
    }
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
    MeshPod pod = pods.add(node, name, captured);
    return captured ? pods.enrolled(pod) : pod;
  }

  /** Adds a pod that nobody may be there to enrol. */
  public MeshPod addPodWithoutWaiting(String node, String name, boolean captured)
      throws IOException {
    return pods.add(node, name, captured);
  }

  /** Adds a captured pod of another namespace; it is enrolled when this returns. */
  public MeshPod addPodOf(String namespace, String node, String name)
      throws IOException, InterruptedException {
    return pods.enrolled(pods.addOf(namespace, node, name, true));
  }

  /** Adds a captured pod whose namespace has no IPv6, loopback neither; it is enrolled then. */
  public MeshPod addPodWithoutV6(String node, String name)
      throws IOException, InterruptedException {
    return pods.enrolled(pods.addWithoutV6(node, name));
  }

  /** Adds a host that nobody tells the mesh of. */
  public MeshPod addHost(String node, String name) throws IOException {
    return pods.addUntold(node, name);
  }

  /** Labels pods in or out of the mesh, in as many files as there are pods, at once. */
  public void capture(boolean captured, MeshPod... changed) throws IOException {
    for (MeshPod pod : changed) {
      pods.describe(pod, captured);
    }
  }

  /** Writes anew what a pod is, with these edits and no others. */
  public void describe(MeshPod pod, boolean captured, PodEdit... edits) throws IOException {
    pods.describe(pod, captured, edits);
  }

  void delete(MeshPod pod) throws IOException {
    pods.delete(pod);
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
    pods.close();
    domain.close();
    List<String> complaints = processes.complaints();
    processes.keepLogs(Path.of("target", "mesh", lab.layout().name()));
    lab.close();
    assertThat(complaints).as("what the processes should never log").isEmpty();
    assertThat(Leftovers.of(lab.layout().name())).as("left behind").isEmpty();
    assertThat(Files.exists(lab.layout().directory())).as("the lab's folder").isFalse();
  }
}
