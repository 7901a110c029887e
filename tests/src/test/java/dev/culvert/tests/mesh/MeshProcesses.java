// SPDX-License-Identifier: Apache-2.0
package dev.culvert.tests.mesh;

import dev.culvert.cli.lab.Lab;
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
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/**
 * The processes of the mesh under test: one controlplane, and an agent and a ztunnel on each node.
 */
public final class MeshProcesses {
  private static final String CONTROL_IP = "198.18.0.250";

  private final Lab lab;
  private final Map<String, String> ztunnelSettings;
  private final Map<String, MeshProcess> agents = new HashMap<>();
  private final Map<String, MeshProcess> ztunnels = new HashMap<>();
  private final Map<String, Integer> turns = new HashMap<>();
  private final LabMesh mesh;
  private Map<String, String> settings = Map.of();
  private MeshProcess controlPlane;

  /**
   * @param ztunnelSettings beside those that scenarios of every mesh need
   */
  MeshProcesses(Lab lab, Map<String, String> ztunnelSettings) {
    this.lab = lab;
    this.mesh = new LabMesh(lab);
    Map<String, String> settings = new HashMap<>(ztunnelSettings);
    settings.put("crl-file", crlFile().toString());
    settings.put("trust-domain-aliases", "old.example");
    this.ztunnelSettings = Map.copyOf(settings);
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
        MeshProcess.start(() -> mesh.startControlPlane(Map.of()), mesh::awaitControlPlane);
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
    LabNode node = pod.lab().node();
    int turn = turns.merge(node.name(), 1, Integer::sum);
    Map<String, String> all = new HashMap<>(settings);
    all.putAll(more);
    MeshProcess next =
        MeshProcess.start(
            () -> mesh.startZtunnel(node, turn, all),
            process -> mesh.awaitZtunnel(node, turn, process));
    next.awaitReady();
    ztunnels.put(node.name(), next);
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

  /** The metrics of a waypoint. */
  public String metrics(MeshPod waypoint) throws IOException {
    return LabMesh.metrics(waypoint.lab());
  }

  /** What the newest ztunnel of the pod's node counts is of this turn; earlier ones of lower. */
  public int turnOf(MeshPod pod) {
    return turns.getOrDefault(pod.lab().node().name(), 0);
  }

  /** A metric of the ztunnel of that turn. */
  public String metrics(MeshPod pod, int turn) throws IOException {
    return LabMesh.metrics(pod.lab().node(), turn);
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
