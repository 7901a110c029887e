// SPDX-License-Identifier: Apache-2.0
package dev.culvert.controlplane;

import static dev.culvert.controlplane.Requests.good;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.culvert.controlplane.ca.RootStore;
import dev.culvert.controlplane.ca.SecretRoot;
import dev.culvert.controlplane.source.kubernetes.ApiServer;
import dev.culvert.controlplane.source.kubernetes.ApiServer.Token;
import dev.culvert.policy.settings.Settings;
import dev.culvert.policy.wire.discovery.DeltaDiscoveryResponse;
import dev.culvert.policy.wire.discovery.Resource;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Base64;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * An API server with two nodes, pod shop/web on the first one and waypoint shop/store, and a
 * control plane that reads it. The node proxies' tokens are {@code one} and {@code two}.
 */
final class TestCluster implements AutoCloseable {
  private static final String PODS =
      """
      apiVersion: v1
      kind: Namespace
      metadata: {name: shop, labels: {culvert.dev/dataplane-mode: ambient}}
      ---
      apiVersion: v1
      kind: Pod
      metadata: {name: ztunnel-1, namespace: culvert-system, uid: zt-1}
      spec: {nodeName: node-1, serviceAccountName: ztunnel, containers: [{name: app, image: app}]}
      status: {phase: Running, podIP: 198.18.0.11}
      ---
      apiVersion: v1
      kind: Pod
      metadata: {name: ztunnel-2, namespace: culvert-system, uid: zt-2}
      spec: {nodeName: node-2, serviceAccountName: ztunnel, containers: [{name: app, image: app}]}
      status: {phase: Running, podIP: 198.18.0.12}
      ---
      apiVersion: v1
      kind: Pod
      metadata: {name: web, namespace: shop, uid: web-1}
      spec: {nodeName: node-1, serviceAccountName: web, containers: [{name: app, image: app}]}
      status: {phase: Running, podIP: 198.18.0.1}
      ---
      apiVersion: gateway.networking.k8s.io/v1
      kind: Gateway
      metadata: {name: store, namespace: shop}
      spec:
        gatewayClassName: culvert-waypoint
        listeners: [{name: mesh, port: 15008, protocol: HBONE}]
      ---
      apiVersion: v1
      kind: Pod
      metadata:
        {name: store-1, namespace: shop, uid: st-1, labels: {gateway.networking.k8s.io/gateway-name: store}}
      spec: {nodeName: node-2, serviceAccountName: store, containers: [{name: app, image: app}]}
      status: {phase: Running, podIP: 198.18.0.3}
      """;

  private final Path folder;
  private final ApiServer server = new ApiServer();
  private ControlPlane plane;

  /**
   * @param folder where replicas keep their state
   */
  TestCluster(Path folder) throws IOException {
    this.folder = folder;
    server.apply(PODS);
    server.issue("one", token("ztunnel-1", "zt-1", "node-1"));
    server.issue("two", token("ztunnel-2", "zt-2", "node-2"));
    plane = replica("a");
  }

  private static Token token(String pod, String uid, String node) {
    return new Token("culvert-system:ztunnel", "istio-ca", pod, uid, node);
  }

  ApiServer server() {
    return server;
  }

  /** The first replica. */
  ControlPlane plane() {
    return plane;
  }

  /** Ends the first replica, and has another in its place. */
  void restart(String name, Map<String, String> further) {
    plane.close();
    plane = replica(name, further);
  }

  /** One more, which is the caller's to close. */
  ControlPlane replica(String name) {
    return replica(name, Map.of());
  }

  ControlPlane replica(String name, Map<String, String> further) {
    try {
      return ControlPlane.start(
          ControlPlaneConfig.from(
              Settings.of(ControlPlaneConfig.settings(), settings(name, further))));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private Map<String, String> settings(String name, Map<String, String> further)
      throws IOException {
    Map<String, String> settings = new HashMap<>();
    settings.put("source", "kubernetes");
    settings.put("kubeconfig", server.kubeconfig(folder).toString());
    settings.put("state", folder.resolve(name).toString());
    settings.put("listen", "127.0.0.1:0");
    settings.put("drain", "1s");
    settings.putAll(further);
    return settings;
  }

  /** Who calls the first replica with this token. */
  TestClient client(String token) throws IOException {
    return client(plane, token);
  }

  TestClient client(ControlPlane of, String token) throws IOException {
    Path root = folder.resolve("root.pem");
    try (KubernetesClient client = server.client()) {
      String pem =
          client
              .secrets()
              .inNamespace("culvert-system")
              .withName(SecretRoot.SECRET)
              .get()
              .getData()
              .get(RootStore.CERTIFICATE);
      Files.write(root, Base64.getDecoder().decode(pem));
    }
    return new TestClient(of.port(), root, token);
  }

  static List<String> names(DeltaDiscoveryResponse response) {
    return response.getResourcesList().stream().map(Resource::getName).toList();
  }

  static void refused(TestClient client, String account, Status.Code code, String message) {
    assertThatExceptionOfType(StatusRuntimeException.class)
        .isThrownBy(() -> client.certificates().createCertificate(good("shop", account)))
        .satisfies(e -> assertThat(e.getStatus().getCode()).isEqualTo(code))
        .satisfies(e -> assertThat(e.getStatus().getDescription()).contains(message));
  }

  @Override
  public void close() {
    plane.close();
    server.close();
  }
}
