// SPDX-License-Identifier: Apache-2.0
package dev.culvert.tests.mesh;

import dev.culvert.controlplane.source.kubernetes.ApiServer;
import dev.culvert.tests.hostile.CertificateAuthority;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/**
 * A mesh with two control planes that read an API server, which is played. They have one name with
 * two addresses, as a headless Service has. The second starts when every proxy is at the first.
 */
public final class ReplicatedMesh implements AutoCloseable {
  private static final String NAME = "controlplane.culvert.test";
  private static final String FIRST = "198.18.0.250";
  private static final String SECOND = "198.18.0.251";
  private static final int PORT = 15012;

  private final ApiServer api;
  private final Mesh mesh;
  private final MeshProcess second;

  private ReplicatedMesh(ApiServer api, Mesh mesh, MeshProcess second) {
    this.api = api;
    this.mesh = mesh;
    this.second = second;
  }

  /**
   * Starts all.
   *
   * @param ztunnelSettings beside those that every ztunnel needs
   */
  public static ReplicatedMesh start(String transport, Map<String, String> ztunnelSettings)
      throws Exception {
    Map<String, String> settings = new HashMap<>(ztunnelSettings);
    settings.put("xds-address", NAME + ":" + PORT);
    ApiServer[] api = new ApiServer[1];
    try {
      Mesh mesh =
          Mesh.startAfter(
              CertificateAuthority.alone(),
              transport,
              settings,
              made -> {
                api[0] = made.lab().control().call(ApiServer::new);
                prepare(made, api[0]);
              });
      try {
        return new ReplicatedMesh(api[0], mesh, startSecond(mesh));
      } catch (Exception | Error e) {
        mesh.close();
        throw e;
      }
    } catch (Exception | Error e) {
      if (api[0] != null) {
        api[0].close();
      }
      throw e;
    }
  }

  private static void prepare(Mesh mesh, ApiServer api) throws IOException {
    for (String kind : List.of("authorizationpolicies", "peerauthentications")) {
      api.install("policy.culvert.dev/v1alpha1", kind);
    }
    api.install("gateway.networking.k8s.io/v1", "gateways");
    api.install("gateway.networking.k8s.io/v1", "gatewayclasses");
    tellAll(mesh, api);
    for (String node : mesh.lab().nodes().keySet()) {
      enrol(mesh, api, node);
    }
    mesh.lab()
        .run(mesh.lab().control(), List.of("ip", "address", "add", SECOND + "/24", "dev", "eth0"));
    for (String address : List.of(FIRST, SECOND)) {
      mesh.processes().addHostName(NAME, InetAddress.ofLiteral(address));
    }
    mesh.processes()
        .tellControlPlanes(
            Map.of(
                "source",
                "kubernetes",
                "kubeconfig",
                api.kubeconfig(mesh.lab().layout().state()).toString(),
                "serving-names",
                NAME,
                "waypoint-image",
                "culvert/culvert:none"));
  }

  private static void tellAll(Mesh mesh, ApiServer api) throws IOException {
    try (Stream<Path> files = Files.list(mesh.lab().layout().resources())) {
      for (Path file : (Iterable<Path>) files::iterator) {
        api.apply(Files.readString(file));
      }
    }
  }

  /** The node's ztunnel is a pod there, and has a token that is bound to it. */
  private static void enrol(Mesh mesh, ApiServer api, String node) throws IOException {
    String pod = "ztunnel-" + node;
    api.apply(
        """
        apiVersion: v1
        kind: Pod
        metadata: {name: %1$s, namespace: culvert-system, uid: uid-%1$s}
        spec:
          nodeName: %2$s
          serviceAccountName: ztunnel
          hostNetwork: true
          containers: [{name: ztunnel, image: culvert}]
        status: {phase: Running, podIP: %3$s}
        """
            .formatted(pod, node, mesh.lab().nodes().get(node).ip4()));
    api.issue(
        "token-of-" + node,
        new ApiServer.Token("culvert-system:ztunnel", "istio-ca", pod, "uid-" + pod, node));
    Path tokens = Files.createDirectories(mesh.lab().layout().state().resolve("nodes"));
    Files.writeString(tokens.resolve(node + ".token"), "token-of-" + node);
  }

  private static MeshProcess startSecond(Mesh mesh) throws IOException {
    MeshProcess replica =
        mesh.processes()
            .startControlPlane(
                "controlplane-2",
                Map.of(
                    "listen",
                    SECOND + ":" + PORT,
                    "state",
                    mesh.lab().layout().state().resolve("second").toString()),
                _ -> awaitSecond(mesh));
    replica.awaitReady();
    return replica;
  }

  private static Duration awaitSecond(Mesh mesh) throws IOException {
    try {
      long from = System.nanoTime();
      Await.until(
          "the second replica listens", () -> mesh.lab().control().call(ReplicatedMesh::accepts));
      return Duration.ofNanos(System.nanoTime() - from);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IOException(e);
    }
  }

  private static boolean accepts() throws IOException {
    try (Socket socket = new Socket()) {
      socket.connect(new InetSocketAddress(SECOND, PORT), 1000);
      return true;
    }
  }

  /** Adds a captured pod, which the API server tells of; it is enrolled when this returns. */
  public MeshPod addPod(String node, String name) throws IOException, InterruptedException {
    MeshPod pod = mesh.addPod(node, name, true);
    api.apply(Files.readString(mesh.lab().layout().resources().resolve("pod-" + name + ".yaml")));
    return pod;
  }

  /** What both control planes read. */
  public ApiServer api() {
    return api;
  }

  public Mesh mesh() {
    return mesh;
  }

  /** Leads when all has started, and every proxy is connected to it. */
  public MeshProcess first() {
    return mesh.processes().controlPlane();
  }

  public MeshProcess second() {
    return second;
  }

  @Override
  public void close() throws IOException {
    try (api) {
      mesh.close();
    }
  }
}
