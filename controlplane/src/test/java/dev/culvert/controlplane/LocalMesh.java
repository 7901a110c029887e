// SPDX-License-Identifier: Apache-2.0
package dev.culvert.controlplane;

import static dev.culvert.controlplane.discovery.TypeUrl.ADDRESS;
import static dev.culvert.controlplane.peers.Await.await;

import dev.culvert.controlplane.access.NodeTokens;
import dev.culvert.controlplane.access.WaypointTokens;
import dev.culvert.controlplane.ca.RootStore;
import dev.culvert.controlplane.source.Problems;
import dev.culvert.policy.settings.Settings;
import dev.culvert.policy.wire.discovery.DeltaDiscoveryResponse;
import dev.culvert.policy.wire.discovery.Resource;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.List;
import java.util.Map;

/**
 * A folder with pod shop/web on node one and shop/db on node two, and a control plane that reads
 * it.
 */
final class LocalMesh {
  static final String GATEWAY =
      """
      apiVersion: gateway.networking.k8s.io/v1
      kind: Gateway
      metadata: {name: store, namespace: shop}
      spec:
        gatewayClassName: culvert-waypoint
        listeners: [{name: mesh, port: 15008, protocol: HBONE}]
      """;

  private final Path source;
  private final Path state;
  private ControlPlane plane;

  /**
   * @param folder in which the mesh and the state are
   */
  LocalMesh(Path folder) throws IOException {
    source = Files.createDirectory(folder.resolve("mesh"));
    state = folder.resolve("state");
    write("web.yaml", pod("web", "one", "198.18.0.1"));
    write("db.yaml", pod("db", "two", "198.18.0.2"));
    plane = ControlPlane.start(config());
  }

  Path source() {
    return source;
  }

  Path state() {
    return state;
  }

  ControlPlane plane() {
    return plane;
  }

  void stop() {
    plane.close();
  }

  /** After a stop. */
  void start() {
    plane = ControlPlane.start(config());
  }

  /** The file of the waypoint's token, once the control plane has made it. */
  Path withWaypoint() throws Exception {
    write("gateway.yaml", GATEWAY);
    write(
        "store.yaml",
        pod("store", "one", "198.18.0.3")
            .replace(
                "culvert.dev/dataplane-mode: ambient",
                "gateway.networking.k8s.io/gateway-name: store"));
    Path file = WaypointTokens.file(state, "shop", "store");
    await(() -> Files.exists(file));
    return file;
  }

  ControlPlaneConfig config() {
    return config(
        Map.of("source", source.toString(), "state", state.toString(), "listen", "127.0.0.1:0"));
  }

  static ControlPlaneConfig config(Map<String, String> given) {
    return ControlPlaneConfig.from(Settings.of(ControlPlaneConfig.settings(), given));
  }

  TestClient client(String node) throws IOException {
    return clientWithToken(Files.readString(NodeTokens.file(state, node)).strip());
  }

  TestClient clientWithToken(String token) throws IOException {
    return new TestClient(plane.port(), state.resolve(RootStore.CERTIFICATE), token);
  }

  static TestStream subscribed(TestClient client) {
    TestStream stream = client.discovery();
    stream.subscribe(ADDRESS);
    return stream;
  }

  /** The status is written after the push, so it is waited for. */
  void status(String text) throws Exception {
    await(() -> Files.readString(state.resolve(Problems.FILE)).contains(text));
  }

  void write(String name, String content) throws IOException {
    Path draft = source.resolve("." + name + ".draft");
    Files.writeString(draft, content);
    Files.move(draft, source.resolve(name), StandardCopyOption.ATOMIC_MOVE);
  }

  static String pod(String name, String node, String ip) {
    return """
        apiVersion: v1
        kind: Pod
        metadata: {name: %1$s, namespace: shop, labels: {culvert.dev/dataplane-mode: ambient}}
        spec: {nodeName: %2$s, serviceAccountName: %1$s}
        status: {podIPs: [{ip: "%3$s"}]}
        """
        .formatted(name, node, ip);
  }

  static List<String> names(DeltaDiscoveryResponse response) {
    return response.getResourcesList().stream().map(Resource::getName).toList();
  }
}
