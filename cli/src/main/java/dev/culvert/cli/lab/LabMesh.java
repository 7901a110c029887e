// SPDX-License-Identifier: Apache-2.0
package dev.culvert.cli.lab;

import dev.culvert.controlplane.access.WaypointTokens;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Culvert's daemons in a lab, each started as a process of its own. */
public final class LabMesh {
  /** Where the controlplane listens, on the fabric. */
  public static final int CONTROL_PORT = 15012;

  private static final int READY_PORT = 15021;
  private static final int STATS_PORT = 15020;
  private static final int ADMIN_PORT = 15000;

  /** Between the ports of one ztunnel and those of the next, while both are on the node. */
  private static final int PORTS_PER_TURN = 100;

  private static final Duration START = Duration.ofSeconds(60);

  private final Lab lab;
  private final List<String> prefix;

  public LabMesh(Lab lab) {
    this(lab, List.of());
  }

  /**
   * A mesh whose daemons are started through another command.
   *
   * @param prefix what stands before a daemon's command and becomes it, as {@code taskset -c 0}
   */
  public LabMesh(Lab lab, List<String> prefix) {
    this.lab = lab;
    this.prefix = List.copyOf(prefix);
  }

  /** Starts the controlplane; give nodes and pods their YAML before, so that it makes tokens. */
  public LabProcess startControlPlane(Map<String, String> more) throws IOException {
    return startControlPlane("controlplane", more);
  }

  /**
   * Starts one of several controlplanes, each with a name, a {@code listen} and a {@code state} of
   * its own.
   */
  public LabProcess startControlPlane(String name, Map<String, String> more) throws IOException {
    Map<String, String> settings = new LinkedHashMap<>();
    settings.put("source", lab.layout().resources().toString());
    settings.put("state", lab.layout().state().toString());
    settings.put("listen", Topology.CONTROL_IP4 + ":" + CONTROL_PORT);
    settings.put("serving-names", Topology.CONTROL_IP4);
    return start(lab.control(), name, "controlplane", settings, more);
  }

  /** Starts a node's agent. */
  public LabProcess startAgent(LabNode node, Map<String, String> more) throws IOException {
    Map<String, String> settings = new LinkedHashMap<>();
    settings.put("node", node.name());
    settings.put("source", lab.layout().resources().toString());
    settings.put("cgroup", node.cgroup().toString());
    settings.put("pin-dir", node.pinDirectory().toString());
    settings.put("zds-socket", node.zdsSocket().toString());
    settings.put("socket", node.agentSocket().toString());
    settings.put("pairs-socket", node.pairsSocket().toString());
    settings.put("cni-socket", node.cniSocket().toString());
    return start(node.place(), "agent-" + node.name(), "agent", settings, more);
  }

  /** Starts a node's ztunnel; the controlplane must have made the node's token. */
  public LabProcess startZtunnel(LabNode node, Map<String, String> more) throws IOException {
    return startZtunnel(node, 0, more);
  }

  /**
   * Starts a ztunnel beside those that a node has, with ports of its own outside of pods.
   *
   * @param turn how many were before it, 0 to 99
   */
  public LabProcess startZtunnel(LabNode node, int turn, Map<String, String> more)
      throws IOException {
    Map<String, String> settings = new LinkedHashMap<>();
    settings.put("node", node.name());
    settings.put("xds-address", Topology.CONTROL_IP4 + ":" + CONTROL_PORT);
    settings.put("root-cert", lab.layout().state().resolve("root-cert.pem").toString());
    settings.put("token-file", token(node));
    settings.put("zds-socket", node.zdsSocket().toString());
    settings.put("pairs-socket", node.pairsSocket().toString());
    settings.put("admin-port", Integer.toString(ADMIN_PORT + turn * PORTS_PER_TURN));
    settings.put("stats-port", Integer.toString(STATS_PORT + turn * PORTS_PER_TURN));
    settings.put("ready-port", Integer.toString(READY_PORT + turn * PORTS_PER_TURN));
    String name = "ztunnel-" + node.name() + (turn == 0 ? "" : "-" + turn);
    return start(node.place(), name, "ztunnel", settings, more);
  }

  /**
   * Starts a front door, which needs nothing of the mesh.
   *
   * @param source the folder of its YAML
   */
  public LabProcess startGateway(LabPlace place, Path source, Map<String, String> more)
      throws IOException {
    Map<String, String> settings = new LinkedHashMap<>();
    settings.put("source", source.toString());
    return start(place, "gateway-" + source.getFileName(), "gateway", settings, more);
  }

  /**
   * Starts a front door in its pod, which must be labelled as an instance of the Gateway, have the
   * ServiceAccount of its name and be kept out of the mesh. The controlplane tells it everything.
   *
   * @param gateway of the pod's namespace
   */
  public LabProcess startGateway(LabPod pod, String gateway, Map<String, String> more)
      throws IOException {
    Map<String, String> settings = instance(pod);
    settings.put("gateway", pod.spec().namespace() + "/" + gateway);
    return start(pod.place(), "gateway-" + pod.name(), "gateway", settings, more);
  }

  /** Waits until the front door is ready: it was told everything and has its certificate. */
  public Duration awaitGateway(LabPod pod, LabProcess process) throws IOException {
    return Await.until(
        "the front door %s is ready".formatted(pod),
        START,
        () ->
            alive(process)
                && LabHttp.get(pod.place(), STATS_PORT, "/healthz/ready").status() == 200);
  }

  /** What an instance of a Gateway needs of the mesh. */
  private Map<String, String> instance(LabPod pod) {
    Map<String, String> settings = new LinkedHashMap<>();
    settings.put("node", pod.node().name());
    settings.put("pod-name", pod.name());
    settings.put("service-account", pod.spec().serviceAccount());
    settings.put("instance-ip", pod.ip4());
    settings.put("xds-address", Topology.CONTROL_IP4 + ":" + CONTROL_PORT);
    settings.put("root-cert", lab.layout().state().resolve("root-cert.pem").toString());
    settings.put(
        "token-file",
        WaypointTokens.file(lab.layout().state(), pod.spec().namespace(), pod.name()).toString());
    return settings;
  }

  /**
   * Starts a waypoint in its pod, which must be labelled as an instance of the Gateway and be kept
   * out of the mesh. The controlplane makes its token when it sees the pod.
   *
   * @param gateway of the pod's namespace
   */
  public LabProcess startWaypoint(LabPod pod, String gateway, Map<String, String> more)
      throws IOException {
    Map<String, String> settings = instance(pod);
    settings.put("waypoint", pod.spec().namespace() + "/" + gateway);
    return start(pod.place(), "waypoint-" + pod.name(), "waypoint", settings, more);
  }

  /** Waits until the waypoint is ready: it knows itself and the mesh, and has its certificate. */
  public Duration awaitWaypoint(LabPod pod, LabProcess process) throws IOException {
    return Await.until(
        "the waypoint %s is ready".formatted(pod),
        START,
        () ->
            alive(process)
                && LabHttp.get(pod.place(), READY_PORT, "/healthz/ready").status() == 200);
  }

  /** The metrics of a waypoint, as Prometheus reads them. */
  public static String metrics(LabPod waypoint) throws IOException {
    return LabHttp.get(waypoint.place(), STATS_PORT, "/metrics").body();
  }

  /** Waits until the controlplane accepts connections and every node has its token. */
  public Duration awaitControlPlane(LabProcess process) throws IOException {
    return Await.until(
        "the controlplane listens on %s:%d".formatted(Topology.CONTROL_IP4, CONTROL_PORT),
        START,
        () -> alive(process) && tokens() && lab.control().call(LabMesh::accepts));
  }

  /** Waits until the agent serves ztunnel. */
  public Duration awaitAgent(LabNode node, LabProcess process) throws IOException {
    return Await.until(
        "the agent of %s serves %s".formatted(node, node.zdsSocket()),
        START,
        () -> alive(process) && Files.exists(node.zdsSocket()));
  }

  /** Waits until the ztunnel is ready: every pod has its listeners, discovery is complete. */
  public Duration awaitZtunnel(LabNode node, LabProcess process) throws IOException {
    return awaitZtunnel(node, 0, process);
  }

  /** Waits until the ztunnel of that turn is ready. */
  public Duration awaitZtunnel(LabNode node, int turn, LabProcess process) throws IOException {
    return Await.until(
        "the ztunnel of %s is ready".formatted(node),
        START,
        () -> alive(process) && isReady(node, turn));
  }

  private static boolean isReady(LabNode node, int turn) throws IOException {
    return readiness(node, turn).status() == 200;
  }

  /** Whether the node's ztunnel of that turn is ready, and what it says of that. */
  public static LabHttp readiness(LabNode node, int turn) throws IOException {
    return LabHttp.get(node.place(), READY_PORT + turn * PORTS_PER_TURN, "/healthz/ready");
  }

  /** The metrics of the node's ztunnel of that turn, as Prometheus reads them. */
  public static String metrics(LabNode node, int turn) throws IOException {
    return LabHttp.get(node.place(), STATS_PORT + turn * PORTS_PER_TURN, "/metrics").body();
  }

  /** What the node's ztunnel of that turn knows, as {@code /config_dump} tells it. */
  public static String dump(LabNode node, int turn) throws IOException {
    return LabHttp.get(node.place(), ADMIN_PORT + turn * PORTS_PER_TURN, "/config_dump").body();
  }

  private LabProcess start(
      LabPlace place,
      String name,
      String daemon,
      Map<String, String> settings,
      Map<String, String> more)
      throws IOException {
    settings.putAll(more);
    List<String> arguments = new ArrayList<>();
    settings.forEach((key, value) -> arguments.addAll(List.of("--" + key, value)));
    List<String> command = new ArrayList<>(prefix);
    command.addAll(JavaCommand.daemon(daemon, arguments));
    return lab.start(place, name, command);
  }

  private String token(LabNode node) {
    return lab.layout().state().resolve("nodes").resolve(node.name() + ".token").toString();
  }

  private boolean tokens() {
    return lab.nodes().values().stream().allMatch(node -> Files.exists(Path.of(token(node))));
  }

  private static boolean alive(LabProcess process) throws IOException {
    if (!process.isAlive()) {
      throw new LabProcessEndedException(
          process.name(), process.exitCode(Duration.ZERO), process.lastLines());
    }
    return true;
  }

  private static boolean accepts() throws IOException {
    try (Socket socket = new Socket()) {
      socket.connect(new InetSocketAddress(Topology.CONTROL_IP4, CONTROL_PORT), 1000);
      return true;
    }
  }
}
