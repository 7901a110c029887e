// SPDX-License-Identifier: Apache-2.0
package dev.culvert.controlplane;

import static dev.culvert.controlplane.Requests.good;
import static dev.culvert.controlplane.discovery.TypeUrl.ADDRESS;
import static dev.culvert.controlplane.discovery.TypeUrl.AUTHORIZATION;
import static dev.culvert.controlplane.discovery.TypeUrl.DOCUMENT;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.culvert.controlplane.access.NodeTokens;
import dev.culvert.controlplane.access.WaypointTokens;
import dev.culvert.controlplane.ca.RootStore;
import dev.culvert.controlplane.source.Problems;
import dev.culvert.controlplane.state.ControlPlaneException;
import dev.culvert.policy.settings.Settings;
import dev.culvert.policy.wire.ca.IstioCertificateRequest;
import dev.culvert.policy.wire.ca.IstioCertificateServiceGrpc;
import dev.culvert.policy.wire.discovery.DeltaDiscoveryResponse;
import dev.culvert.policy.wire.discovery.Resource;
import dev.culvert.policy.wire.waypoint.Document;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(60)
class ControlPlaneTest {
  private static final String GATEWAY =
      """
      apiVersion: gateway.networking.k8s.io/v1
      kind: Gateway
      metadata: {name: store, namespace: shop}
      spec:
        gatewayClassName: culvert-waypoint
        listeners: [{name: mesh, port: 15008, protocol: HBONE}]
      """;

  @TempDir private Path folder;
  private Path source;
  private Path state;
  private ControlPlane plane;

  @BeforeEach
  void start() throws Exception {
    source = Files.createDirectory(folder.resolve("mesh"));
    state = folder.resolve("state");
    write("web.yaml", pod("web", "one", "198.18.0.1"));
    write("db.yaml", pod("db", "two", "198.18.0.2"));
    plane = ControlPlane.start(config());
  }

  @AfterEach
  void stop() {
    plane.close();
  }

  @Test
  void folderIsServed() throws Exception {
    try (TestClient client = client("one")) {
      assertThat(names(subscribed(client).response()))
          .containsExactly("Kubernetes//Pod/shop/db", "Kubernetes//Pod/shop/web");
    }
  }

  @Test
  void waypointHasTokenMeshAndItsOwnCertificate() throws Exception {
    Path file = withWaypoint();
    try (TestClient store = clientWithToken(Files.readString(file).strip())) {
      assertThat(names(subscribed(store).response())).contains("Kubernetes//Pod/shop/web");
      assertThat(store.certificates().createCertificate(good("shop", "store")).getCertChainCount())
          .isEqualTo(2);
      refused(store, "web", "is not the identity of waypoint shop/store");
    }
  }

  @Test
  void waypointThatNamesNobodyGetsItsOwnIdentity() throws Exception {
    Path file = withWaypoint();
    try (TestClient store = clientWithToken(Files.readString(file).strip())) {
      IstioCertificateRequest unnamed = good("shop", "store").toBuilder().clearMetadata().build();
      assertThat(store.certificates().createCertificate(unnamed).getCertChainCount()).isEqualTo(2);
    }
  }

  @Test
  void waypointTokenDiesWithItsPodAndItsGateway() throws Exception {
    Path file = withWaypoint();
    String token = Files.readString(file).strip();
    try (TestClient one = client("one");
        TestClient store = clientWithToken(token)) {
      TestStream stream = subscribed(one);
      stream.response();
      Files.delete(source.resolve("gateway.yaml"));
      stream.response();
      refused(store, "store", "does not run, or is no pod of a waypoint");
      write("gateway.yaml", GATEWAY);
      stream.response();
      assertThat(store.certificates().createCertificate(good("shop", "store")).getCertChainCount())
          .isEqualTo(2);
      Files.delete(source.resolve("store.yaml"));
      stream.response();
      refused(store, "store", "does not run, or is no pod of a waypoint");
    }
  }

  private static final String BOUND =
      """
      apiVersion: v1
      kind: Service
      metadata: {name: cart, namespace: shop, labels: {culvert.dev/use-waypoint: store}}
      spec: {clusterIP: 198.19.0.7, selector: {app: cart}, ports: [{name: http, port: 80}]}
      ---
      apiVersion: policy.culvert.dev/v1alpha1
      kind: AuthorizationPolicy
      metadata: {name: cart, namespace: shop}
      spec:
        targetRefs: [{group: "", kind: Service, name: cart}]
        action: DENY
        rules: [{to: [{operation: {paths: ["/admin"]}}]}]
      """;

  @Test
  void policiesAreKnownBeforeTheirServiceAndAfterIt() throws Exception {
    Path file = withWaypoint();
    try (TestClient store = clientWithToken(Files.readString(file).strip())) {
      TestStream stream = store.discovery();
      stream.subscribe(DOCUMENT);
      assertThat(told(stream, "Gateway shop/store")).containsOnlyKeys("Gateway shop/store");
      stream.subscribe(ADDRESS);
      assertThat(stream.response().getTypeUrl()).isEqualTo(ADDRESS);
      write("cart.yaml", BOUND);
      assertThat(names(stream.response())).containsExactly("AuthorizationPolicy shop/cart");
      assertThat(names(stream.response())).containsExactly("shop/cart.shop.svc.cluster.local");
      write("cart.yaml", BOUND.replace("/admin", "/root"));
      assertThat(names(stream.response())).containsExactly("AuthorizationPolicy shop/cart");
      write("cart.yaml", BOUND.replace("/admin", "/root").replace(": store}", ": none}"));
      assertThat(names(stream.response())).containsExactly("shop/cart.shop.svc.cluster.local");
      assertThat(stream.response().getRemovedResourcesList())
          .containsExactly("AuthorizationPolicy shop/cart");
    }
  }

  @Test
  void waypointThatComesBackIsToldWhatChanged() throws Exception {
    write("cart.yaml", BOUND);
    Path file = withWaypoint();
    try (TestClient store = clientWithToken(Files.readString(file).strip())) {
      TestStream stream = store.discovery();
      stream.subscribe(DOCUMENT);
      Map<String, String> versions = told(stream, "Gateway shop/store");
      assertThat(versions).containsOnlyKeys("AuthorizationPolicy shop/cart", "Gateway shop/store");
      stream.cancel();
      versions.put("HTTPRoute shop/gone", "1");
      versions.put("AuthorizationPolicy shop/cart", "older");
      TestStream next = store.discovery();
      next.resume(DOCUMENT, versions);
      DeltaDiscoveryResponse changed = next.response();
      assertThat(names(changed)).containsExactly("AuthorizationPolicy shop/cart");
      assertThat(changed.getRemovedResourcesList()).isEmpty();
      DeltaDiscoveryResponse after = next.response();
      assertThat(after.getResourcesList()).isEmpty();
      assertThat(after.getRemovedResourcesList()).containsExactly("HTTPRoute shop/gone");
    }
  }

  @Test
  void policyWithAnErrorIsToldAsItIs() throws Exception {
    write("cart.yaml", BOUND.replace("paths", "pahts"));
    Path file = withWaypoint();
    try (TestClient store = clientWithToken(Files.readString(file).strip())) {
      TestStream stream = store.discovery();
      stream.subscribe(DOCUMENT);
      assertThat(told(stream, "Gateway shop/store")).containsOnlyKeys("Gateway shop/store");
      write("service.yaml", BOUND.substring(0, BOUND.indexOf("---")));
      DeltaDiscoveryResponse closed = stream.response();
      assertThat(names(closed)).containsExactly("AuthorizationPolicy shop/cart");
      assertThat(closed.getResources(0).getResource().unpack(Document.class).getJson())
          .contains("pahts");
    }
  }

  /** The versions of what is told up to a name: what is in the folder may come one by one. */
  private static Map<String, String> told(TestStream stream, String name) throws Exception {
    Map<String, String> versions = new HashMap<>();
    while (!versions.containsKey(name)) {
      stream
          .response()
          .getResourcesList()
          .forEach(one -> versions.put(one.getName(), one.getVersion()));
    }
    return versions;
  }

  @Test
  void editIsPushed() throws Exception {
    try (TestClient client = client("one")) {
      TestStream stream = subscribed(client);
      stream.response();
      write("more.yaml", pod("more", "one", "198.18.0.3"));
      assertThat(names(stream.response())).containsExactly("Kubernetes//Pod/shop/more");
      Files.delete(source.resolve("more.yaml"));
      assertThat(stream.response().getRemovedResourcesList())
          .containsExactly("Kubernetes//Pod/shop/more");
    }
  }

  @Test
  void brokenFileLeavesItsLastGoodState() throws Exception {
    try (TestClient client = client("one")) {
      TestStream stream = subscribed(client);
      stream.response();
      write("web.yaml", pod("web", "one", "no address"));
      write("more.yaml", pod("more", "one", "198.18.0.3"));
      DeltaDiscoveryResponse next = stream.response();
      assertThat(names(next)).containsExactly("Kubernetes//Pod/shop/more");
      assertThat(next.getRemovedResourcesList()).isEmpty();
      status("\"file\":\"web.yaml\"");

      write("web.yaml", pod("web", "one", "198.18.0.9"));
      assertThat(names(stream.response())).containsExactly("Kubernetes//Pod/shop/web");
      status("\"errors\":[]");
    }
  }

  @Test
  void restartWithBrokenFileKeepsItsLastGoodState() throws Exception {
    plane.close();
    write("web.yaml", "{{{ garbage");
    plane = ControlPlane.start(config());
    status("\"file\":\"web.yaml\"");
    try (TestClient client = client("one")) {
      assertThat(names(subscribed(client).response())).contains("Kubernetes//Pod/shop/web");
    }
  }

  @Test
  void firstStartWithABrokenPolicyClosesItAndTellsWhatItCannotClose() throws Exception {
    plane.close();
    write(
        "policy.yaml",
        """
        apiVersion: policy.culvert.dev/v1alpha1
        kind: AuthorizationPolicy
        metadata: {name: deny, namespace: shop}
        spec: {action: DENNY, rules: [{}]}
        """);
    write("garbage.yaml", "{{{ garbage");
    plane = ControlPlane.start(config());
    status("AuthorizationPolicy shop/deny is closed until it is corrected");
    status("the file cannot be read; should it hold a policy: nothing stands in for it");
    try (TestClient client = client("one")) {
      TestStream stream = client.discovery();
      stream.subscribe(AUTHORIZATION);
      assertThat(names(stream.response())).contains("shop/deny");
    }
  }

  @Test
  void goneFolderLeavesTheLastState() throws Exception {
    try (TestClient client = client("one")) {
      TestStream stream = subscribed(client);
      stream.response();
      Path away = folder.resolve("away");
      Files.move(source, away);
      Files.writeString(away.resolve("web.yaml"), pod("web", "one", "198.18.0.7"));
      Files.move(away, source);
      DeltaDiscoveryResponse next = stream.response();
      assertThat(names(next)).containsExactly("Kubernetes//Pod/shop/web");
      assertThat(next.getRemovedResourcesList()).isEmpty();
    }
  }

  @Test
  void nodeGetsCertificatesOfItsOwnPods() throws Exception {
    try (TestClient one = client("one")) {
      assertThat(
              one.certificates().createCertificate(Requests.good("shop", "web")).getCertChainList())
          .hasSize(2);
      assertThatExceptionOfType(StatusRuntimeException.class)
          .isThrownBy(() -> one.certificates().createCertificate(Requests.good("shop", "db")))
          .satisfies(
              e -> assertThat(e.getStatus().getCode()).isEqualTo(Status.Code.PERMISSION_DENIED));
    }
  }

  @Test
  void certificateOfPodThatIsJustComingIsWaitedFor() throws Exception {
    try (TestClient one = client("one")) {
      var request = Requests.good("shop", "more");
      var answer =
          IstioCertificateServiceGrpc.newFutureStub(one.channel()).createCertificate(request);
      write("more.yaml", pod("more", "one", "198.18.0.3"));
      assertThat(answer.get().getCertChainList()).hasSize(2);
    }
  }

  @Test
  void movedPodMovesTheRightToItsCertificate() throws Exception {
    try (TestClient one = client("one");
        TestClient two = client("two")) {
      TestStream stream = subscribed(two);
      stream.response();
      write("web.yaml", pod("web", "two", "198.18.0.1"));
      stream.response();
      assertThat(
              two.certificates().createCertificate(Requests.good("shop", "web")).getCertChainList())
          .hasSize(2);
      assertThatExceptionOfType(StatusRuntimeException.class)
          .isThrownBy(() -> one.certificates().createCertificate(Requests.good("shop", "web")));
    }
  }

  @Test
  void newNodeGetsItsTokenBeforeItsPodIsPushed() throws Exception {
    try (TestClient one = client("one")) {
      TestStream stream = subscribed(one);
      stream.response();
      write("more.yaml", pod("more", "three", "198.18.0.3"));
      stream.response();
      try (TestClient three = client("three")) {
        assertThat(names(subscribed(three).response())).hasSize(3);
      }
    }
  }

  @Test
  void policyEditIsPushed() throws Exception {
    try (TestClient client = client("one")) {
      TestStream stream = client.discovery();
      stream.subscribe(AUTHORIZATION);
      stream.response();
      write(
          "policy.yaml",
          """
          apiVersion: policy.culvert.dev/v1alpha1
          kind: AuthorizationPolicy
          metadata: {name: deny-all, namespace: shop}
          spec: {}
          """);
      assertThat(names(stream.response())).containsExactly("shop/deny-all");
    }
  }

  @Test
  void restartKeepsRootAndTokens() throws Exception {
    String root = Files.readString(state.resolve(RootStore.CERTIFICATE));
    String token = Files.readString(NodeTokens.file(state, "one"));
    plane.close();
    plane = ControlPlane.start(config());
    assertThat(state.resolve(RootStore.CERTIFICATE)).hasContent(root.strip());
    assertThat(NodeTokens.file(state, "one")).hasContent(token.strip());
  }

  @Test
  void garbledRootKeyStopsTheStart() throws Exception {
    plane.close();
    Files.writeString(state.resolve("root-key.pem"), "garbled");
    refusedToStart(config(), "root-key.pem: ");
    refusedToStart(config(), "root-key.pem: ");
    Files.delete(state.resolve("root-key.pem"));
    Files.delete(state.resolve("root-cert.pem"));
    plane = ControlPlane.start(config());
  }

  @Test
  void takenPortStopsTheStart() {
    ControlPlaneConfig taken =
        config(
            Map.of(
                "source", source.toString(),
                "state", folder.resolve("other").toString(),
                "listen", "127.0.0.1:" + plane.port()));
    refusedToStart(taken, "choose another with 'listen'");
  }

  @Test
  void takenStateStopsTheStart() {
    refusedToStart(config(), "another control plane holds this state folder");
  }

  @Test
  void missingSourceStopsTheStart() {
    refusedToStart(
        config(
            Map.of(
                "source", folder.resolve("nowhere").toString(),
                "state", folder.resolve("other").toString())),
        "name another with 'source'");
  }

  /** The file of the waypoint's token, once the control plane has made it. */
  private Path withWaypoint() throws Exception {
    write("gateway.yaml", GATEWAY);
    write(
        "store.yaml",
        pod("store", "one", "198.18.0.3")
            .replace(
                "culvert.dev/dataplane-mode: ambient",
                "gateway.networking.k8s.io/gateway-name: store"));
    Path file = WaypointTokens.file(state, "shop", "store");
    while (!Files.exists(file)) {
      Thread.onSpinWait();
    }
    return file;
  }

  private static void refused(TestClient client, String account, String message) {
    assertThatExceptionOfType(StatusRuntimeException.class)
        .isThrownBy(() -> client.certificates().createCertificate(good("shop", account)))
        .satisfies(
            e -> assertThat(e.getStatus().getCode()).isEqualTo(Status.Code.PERMISSION_DENIED))
        .withMessageContaining(message);
  }

  private static void refusedToStart(ControlPlaneConfig config, String message) {
    assertThatExceptionOfType(ControlPlaneException.class)
        .isThrownBy(() -> ControlPlane.start(config))
        .withMessageContaining(message);
  }

  private ControlPlaneConfig config() {
    return config(
        Map.of("source", source.toString(), "state", state.toString(), "listen", "127.0.0.1:0"));
  }

  private static ControlPlaneConfig config(Map<String, String> given) {
    return ControlPlaneConfig.from(Settings.of(ControlPlaneConfig.settings(), given));
  }

  private TestClient client(String node) throws IOException {
    return clientWithToken(Files.readString(NodeTokens.file(state, node)).strip());
  }

  private TestClient clientWithToken(String token) throws IOException {
    return new TestClient(plane.port(), state.resolve(RootStore.CERTIFICATE), token);
  }

  private static TestStream subscribed(TestClient client) {
    TestStream stream = client.discovery();
    stream.subscribe(ADDRESS);
    return stream;
  }

  /** The status is written after the push, so it is waited for. */
  private void status(String text) throws Exception {
    while (!Files.readString(state.resolve(Problems.FILE)).contains(text)) {
      Thread.onSpinWait();
    }
  }

  private void write(String name, String content) throws IOException {
    Path draft = source.resolve("." + name + ".draft");
    Files.writeString(draft, content);
    Files.move(draft, source.resolve(name), StandardCopyOption.ATOMIC_MOVE);
  }

  private static String pod(String name, String node, String ip) {
    return """
        apiVersion: v1
        kind: Pod
        metadata: {name: %1$s, namespace: shop, labels: {culvert.dev/dataplane-mode: ambient}}
        spec: {nodeName: %2$s, serviceAccountName: %1$s}
        status: {podIPs: [{ip: "%3$s"}]}
        """
        .formatted(name, node, ip);
  }

  private static List<String> names(DeltaDiscoveryResponse response) {
    return response.getResourcesList().stream().map(Resource::getName).toList();
  }
}
