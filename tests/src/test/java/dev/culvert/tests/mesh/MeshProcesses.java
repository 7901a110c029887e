// SPDX-License-Identifier: Apache-2.0
package dev.culvert.tests.mesh;

import dev.culvert.cli.lab.Lab;
import dev.culvert.cli.lab.LabHttp;
import dev.culvert.cli.lab.LabMesh;
import dev.culvert.cli.lab.LabNode;
import dev.culvert.cli.lab.LabPod;
import io.grpc.ManagedChannel;
import io.grpc.netty.GrpcSslContexts;
import io.grpc.netty.NettyChannelBuilder;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.nio.NioSocketChannel;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/**
 * The processes of the mesh under test: one controlplane, and an agent and a ztunnel on each node.
 */
public final class MeshProcesses {
  /** For waypoints and doors whose connections are told of, which is when they are over. */
  public static final Map<String, String> SHORT_IDLE = Map.of("backend-idle", "1s");

  private static final String CONTROL_IP = "198.18.0.250";

  private final Lab lab;
  private final Map<String, String> ztunnelSettings;
  private final Map<String, MeshProcess> agents = new HashMap<>();
  private final Map<String, MeshProcess> ztunnels = new HashMap<>();
  private final Map<String, Integer> turns = new HashMap<>();
  private final Map<MeshProcess, Integer> turnOf = new HashMap<>();
  private final Map<String, Spare> spares = new HashMap<>();
  private final LabMesh mesh;
  private final Path hosts;
  private Map<String, String> settings = Map.of();
  private final Map<String, String> controlPlaneSettings = new HashMap<>();
  private MeshProcess controlPlane;
  private boolean ahead;

  /** A ztunnel that waits for its token. */
  private record Spare(MeshProcess process, WaitingToken token) {}

  /**
   * @param ztunnelSettings beside those that scenarios of every mesh need
   * @param prefix what stands before each process' command and becomes it
   */
  MeshProcesses(Lab lab, Map<String, String> ztunnelSettings, List<String> prefix) {
    this.lab = lab;
    this.hosts = lab.layout().state().resolve("hosts");
    List<String> all = new ArrayList<>(prefix);
    all.addAll(List.of("env", options(hosts)));
    this.mesh = new LabMesh(lab, all);
    this.ztunnelSettings = new HashMap<>(ztunnelSettings);
    this.ztunnelSettings.put("crl-file", crlFile().toString());
    this.ztunnelSettings.put("trust-domain-aliases", "old.example");
  }

  /** Those of this JVM's own environment and the file that names are looked up in. */
  private static String options(Path hosts) {
    String own = System.getenv().getOrDefault("JDK_JAVA_OPTIONS", "");
    return "JDK_JAVA_OPTIONS=%s -Djdk.net.hosts.file=%s".formatted(own, hosts);
  }

  /** They are started to sign with, and to trust, what is in a folder. */
  void trust(Path authority) {
    controlPlaneSettings.put("ca-certs", authority.toString());
    ztunnelSettings.put("root-cert", authority.resolve("root-cert.pem").toString());
  }

  /** Settings of every controlplane that is started from now on. */
  void tellControlPlanes(Map<String, String> more) {
    controlPlaneSettings.putAll(more);
  }

  /**
   * Starts one more controlplane.
   *
   * @param own settings of it alone
   */
  MeshProcess startControlPlane(
      String name, Map<String, String> own, MeshProcess.Readiness readiness) throws IOException {
    Map<String, String> all = new HashMap<>(controlPlaneSettings);
    all.putAll(own);
    return MeshProcess.start(() -> mesh.startControlPlane(name, all), readiness);
  }

  /**
   * Starts all at once, as a machine that boots would, and waits until they work.
   *
   * @param resolver whom the ztunnels ask for names outside the mesh
   */
  void start(LabPod resolver) throws IOException, InterruptedException {
    settings = new HashMap<>(ztunnelSettings);
    settings.put("dns-upstream", resolver.ip4() + "," + resolver.ip6());
    controlPlane =
        MeshProcess.start(
            () -> mesh.startControlPlane(controlPlaneSettings), mesh::awaitControlPlane);
    for (LabNode node : lab.nodes().values()) {
      agents.put(
          node.name(),
          MeshProcess.start(
              () -> mesh.startAgent(node, Map.of()), process -> mesh.awaitAgent(node, process)));
    }
    controlPlane.awaitReady();
    for (LabNode node : lab.nodes().values()) {
      ztunnels.put(
          node.name(),
          MeshProcess.start(
              () -> mesh.startZtunnel(node, settings),
              process -> mesh.awaitZtunnel(node, process)));
    }
    for (MeshProcess agent : agents.values()) {
      agent.awaitReady();
    }
    for (MeshProcess ztunnel : ztunnels.values()) {
      ztunnel.awaitReady();
    }
  }

  /** Where every ztunnel looks for revoked certificates; nobody writes it but a test. */
  public Path crlFile() {
    return lab.layout().state().resolve("crl.pem");
  }

  /** From now on that is what the processes find where they look a name up. */
  public void addHostName(String name, InetAddress address) throws IOException {
    Files.writeString(
        hosts,
        "%s %s%n".formatted(address.getHostAddress(), name),
        StandardOpenOption.CREATE,
        StandardOpenOption.APPEND);
  }

  void awaitEnrolled(LabPod pod) throws InterruptedException {
    Await.until(pod + " is enrolled", () -> new AgentSocket(pod.node()).hasEnrolled(pod));
  }

  public MeshProcess controlPlane() {
    return controlPlane;
  }

  public MeshProcess agentOf(MeshPod pod) {
    return agents.get(pod.lab().node().name());
  }

  public MeshProcess ztunnelOf(MeshPod pod) {
    return ztunnels.get(pod.lab().node().name());
  }

  /**
   * Starts the next ztunnel of a pod's node beside the one that is there, which is this then. Both
   * run; the caller ends the older.
   *
   * @param more settings of it alone
   */
  public MeshProcess startNextZtunnel(MeshPod pod, Map<String, String> more) throws IOException {
    MeshProcess next = launchNext(pod.lab().node(), more);
    serves(pod.lab().node(), next);
    return next;
  }

  /**
   * From now on the next ztunnel of each node is started while the one before it serves, up to
   * where it would ask for pods: an upgrade then takes no start of a JVM.
   */
  public void startAhead() throws IOException {
    ahead = true;
    for (LabNode node : lab.nodes().values()) {
      spare(node);
    }
  }

  private void spare(LabNode node) throws IOException {
    WaitingToken token =
        WaitingToken.in(
            lab.layout().state(),
            "%s-%d.token".formatted(node, turns.getOrDefault(node.name(), 0)));
    MeshProcess process = launch(node, Map.of("token-file", token.file().toString()));
    spares.put(node.name(), new Spare(process, token));
  }

  private void serves(LabNode node, MeshProcess next) throws IOException {
    next.awaitReady();
    ztunnels.put(node.name(), next);
    if (ahead && !spares.containsKey(node.name())) {
      spare(node);
    }
  }

  /** The same on the nodes of several pods at once. */
  public void startNextZtunnels(MeshPod... pods) throws IOException {
    Map<LabNode, MeshProcess> all = new LinkedHashMap<>();
    for (MeshPod pod : pods) {
      all.put(pod.lab().node(), launchNext(pod.lab().node(), Map.of()));
    }
    for (Map.Entry<LabNode, MeshProcess> next : all.entrySet()) {
      serves(next.getKey(), next.getValue());
    }
  }

  private MeshProcess launchNext(LabNode node, Map<String, String> more) throws IOException {
    Spare spare = spares.remove(node.name());
    if (spare != null && more.isEmpty()) {
      spare.token().arrive(tokenOf(node.name()));
      return spare.process();
    }
    if (spare != null) {
      spare.process().kill(); // of two the one that began later is the newer
    }
    return launch(node, more);
  }

  private MeshProcess launch(LabNode node, Map<String, String> more) throws IOException {
    int turn = turns.merge(node.name(), 1, Integer::sum);
    Map<String, String> all = new HashMap<>(settings);
    all.putAll(more);
    MeshProcess next =
        MeshProcess.start(
            () -> mesh.startZtunnel(node, turn, all),
            process -> mesh.awaitZtunnel(node, turn, process));
    turnOf.put(next, turn);
    return next;
  }

  /**
   * Starts the waypoint of a Gateway that is named like its pod.
   *
   * @param more settings beside those that every waypoint needs
   */
  public MeshProcess startWaypoint(MeshPod pod, Map<String, String> more) throws IOException {
    return MeshProcess.start(
        () -> mesh.startWaypoint(pod.lab(), pod.name(), more),
        process -> mesh.awaitWaypoint(pod.lab(), process));
  }

  /**
   * Starts the front door of a Gateway that is named like its pod.
   *
   * @param more settings beside those that every door needs
   */
  public MeshProcess startGateway(MeshPod pod, Map<String, String> more) throws IOException {
    return MeshProcess.start(
        () -> mesh.startGateway(pod.lab(), pod.name(), more),
        process -> mesh.awaitGateway(pod.lab(), process));
  }

  /** The metrics of a waypoint. */
  public String metrics(MeshPod waypoint) throws IOException {
    return LabMesh.metrics(waypoint.lab());
  }

  /** The newest ztunnel of the pod's node is gone, and the one before it serves again. */
  public void fallBack(MeshPod pod, MeshProcess before) {
    ztunnels.put(pod.lab().node().name(), before);
  }

  /** The metrics of a ztunnel of the pod's node, which may not be the newest. */
  public String metrics(MeshPod pod, MeshProcess ztunnel) throws IOException {
    return LabMesh.metrics(pod.lab().node(), turnOf.getOrDefault(ztunnel, 0));
  }

  /** Whether such a ztunnel is ready, and what it says of that. */
  public LabHttp readiness(MeshPod pod, MeshProcess ztunnel) throws IOException {
    return LabMesh.readiness(pod.lab().node(), turnOf.getOrDefault(ztunnel, 0));
  }

  /** What such a ztunnel knows. */
  public String dump(MeshPod pod, MeshProcess ztunnel) throws IOException {
    return LabMesh.dump(pod.lab().node(), turnOf.getOrDefault(ztunnel, 0));
  }

  /** The token by which the node's ztunnel proves where it runs. */
  public String tokenOf(String node) throws IOException {
    return Files.readString(tokenFile(node)).strip();
  }

  private Path tokenFile(String node) {
    return lab.layout().state().resolve("nodes").resolve(node + ".token");
  }

  /** A gRPC channel to the controlplane, whose root it trusts. */
  public ManagedChannel dialControlPlane() throws IOException {
    Path root = lab.layout().state().resolve("root-cert.pem");
    return NettyChannelBuilder.forAddress(new InetSocketAddress(CONTROL_IP, LabMesh.CONTROL_PORT))
        .sslContext(GrpcSslContexts.forClient().trustManager(root.toFile()).build())
        .eventLoopGroup(new MultiThreadIoEventLoopGroup(1, NioIoHandler.newFactory()))
        .channelFactory(this::channelOfControlPlane)
        .build();
  }

  private NioSocketChannel channelOfControlPlane() {
    try {
      return lab.control().call(NioSocketChannel::new);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Copies the logs out of the lab. */
  void keepLogs(Path folder) throws IOException {
    Files.createDirectories(folder);
    try (Stream<Path> logs = Files.list(lab.layout().logs())) {
      for (Path log : (Iterable<Path>) logs::iterator) {
        Files.copy(log, folder.resolve(log.getFileName()), StandardCopyOption.REPLACE_EXISTING);
      }
    }
  }

  /** Lines that a process should never write. */
  List<String> complaints() throws IOException {
    try (Stream<Path> logs = Files.list(lab.layout().logs())) {
      return logs.flatMap(MeshProcesses::complaints).toList();
    }
  }

  private static Stream<String> complaints(Path log) {
    try {
      return Files.readAllLines(log).stream()
          .filter(line -> line.contains("LEAK: ") || line.contains("OutOfMemoryError"))
          .map(line -> log.getFileName() + ": " + line);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
