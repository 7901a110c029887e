// SPDX-License-Identifier: Apache-2.0
package dev.culvert.controlplane;

import static dev.culvert.controlplane.Requests.good;
import static dev.culvert.controlplane.discovery.TypeUrl.ADDRESS;
import static dev.culvert.controlplane.discovery.TypeUrl.DOCUMENT;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.culvert.controlplane.ca.RootStore;
import dev.culvert.controlplane.ca.SecretRoot;
import dev.culvert.controlplane.ca.SomebodysSigner;
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
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** A control plane whose mesh, root and callers are an API server's. */
@Timeout(90)
class ClusterTest {
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

  @TempDir private Path folder;
  private ApiServer server;
  private ControlPlane plane;

  @BeforeEach
  void start() throws Exception {
    server = new ApiServer();
    server.apply(PODS);
    server.issue("one", token("ztunnel-1", "zt-1", "node-1"));
    server.issue("two", token("ztunnel-2", "zt-2", "node-2"));
    plane = replica("a");
  }

  @AfterEach
  void stop() {
    plane.close();
    server.close();
  }

  @Test
  void nodeGetsTheMeshAndCertificatesOfItsOwnPods() throws Exception {
    try (TestClient one = client(plane, "one")) {
      TestStream stream = one.discovery();
      stream.subscribe(ADDRESS);
      assertThat(names(stream.response())).contains("Kubernetes//Pod/shop/web");
      assertThat(one.certificates().createCertificate(good("shop", "web")).getCertChainCount())
          .isEqualTo(2);
    }
  }

  @Test
  void waypointGetsTheMeshAndItsOwnCertificate() throws Exception {
    server.issue("store", new Token("shop:store", "istio-ca", "store-1", "st-1", "node-2"));
    try (TestClient store = client(plane, "store")) {
      TestStream stream = store.discovery();
      stream.subscribe(ADDRESS);
      assertThat(names(stream.response())).contains("Kubernetes//Pod/shop/web");
      assertThat(store.certificates().createCertificate(good("shop", "store")).getCertChainCount())
          .isEqualTo(2);
    }
  }

  @Test
  void waypointIsToldItsOwnPoliciesAndNobodyElseIs() throws Exception {
    server.apply(policy("own", "store") + "---\n" + policy("other", "elsewhere"));
    server.issue("store", new Token("shop:store", "istio-ca", "store-1", "st-1", "node-2"));
    try (TestClient store = client(plane, "store");
        TestClient one = client(plane, "one")) {
      TestStream stream = store.discovery();
      stream.subscribe(DOCUMENT);
      List<String> told = new ArrayList<>();
      while (!told.contains("AuthorizationPolicy shop/own")) {
        told.addAll(names(stream.response()));
      }
      assertThat(told).doesNotContain("AuthorizationPolicy shop/other");
      TestStream node = one.discovery();
      node.subscribe(DOCUMENT);
      assertThat(node.response().getResourcesList()).isEmpty();
      server.apply(policy("own", "store").replace("DENY", "ALLOW"));
      assertThat(names(stream.response())).containsExactly("AuthorizationPolicy shop/own");
      node.subscribe(ADDRESS);
      assertThat(node.response().getTypeUrl()).isEqualTo(ADDRESS);
    }
  }

  private static String policy(String name, String gateway) {
    return """
    apiVersion: policy.culvert.dev/v1alpha1
    kind: AuthorizationPolicy
    metadata: {name: %s, namespace: shop}
    spec:
      targetRefs: [{group: gateway.networking.k8s.io, kind: Gateway, name: %s}]
      action: DENY
      rules: [{}]
    """
        .formatted(name, gateway);
  }

  @Test
  void certificateIsToldToItsFrontDoorOnly() throws Exception {
    server.apply(door() + secret("tls", "kubernetes.io/tls", "one"));
    server.apply(secret("unnamed", "kubernetes.io/tls", "two").substring(4));
    server.issue("door", new Token("shop:door", "istio-ca", "door-1", "do-1", "node-2"));
    server.issue("store", new Token("shop:store", "istio-ca", "store-1", "st-1", "node-2"));
    try (TestClient door = client(plane, "door");
        TestClient store = client(plane, "store");
        TestClient node = client(plane, "one")) {
      TestStream stream = door.discovery();
      stream.subscribe(DOCUMENT);
      List<String> told = new ArrayList<>();
      while (!told.contains("Secret shop/tls")) {
        told.addAll(names(stream.response()));
      }
      assertThat(told).contains("Gateway shop/door").doesNotContain("Secret shop/unnamed");
      TestStream others = store.discovery();
      others.subscribe(DOCUMENT);
      assertThat(names(others.response())).containsExactly("Gateway shop/store");
      TestStream nodes = node.discovery();
      nodes.subscribe(DOCUMENT);
      assertThat(nodes.response().getResourcesList()).isEmpty();
      server.apply(secret("tls", "kubernetes.io/tls", "three").substring(4));
      assertThat(names(stream.response())).containsExactly("Secret shop/tls");
    }
    assertThat(server.selections("secrets"))
        .filteredOn(asked -> !asked.startsWith("culvert-system"))
        .isNotEmpty()
        .allMatch("shop metadata.name=tls"::equals);
  }

  @Test
  void podThatOnlyCallsItselfFrontDoorIsRefused() throws Exception {
    server.apply(door().replace("serviceAccountName: door", "serviceAccountName: thief"));
    server.issue("thief", new Token("shop:thief", "istio-ca", "door-1", "do-1", "node-2"));
    try (TestClient thief = client(plane, "thief")) {
      refused(thief, "door", Status.Code.PERMISSION_DENIED, "is no pod of a waypoint");
    }
  }

  @Test
  void replicaThatStartsKnowsTheCertificates() throws Exception {
    server.apply(door() + secret("tls", "kubernetes.io/tls", "one"));
    server.issue("door", new Token("shop:door", "istio-ca", "door-1", "do-1", "node-2"));
    try (ControlPlane second = replica("b");
        TestClient door = client(second, "door")) {
      TestStream stream = door.discovery();
      stream.subscribe(DOCUMENT);
      assertThat(names(stream.response())).contains("Gateway shop/door", "Secret shop/tls");
    }
  }

  @Test
  void secretsThatMayNotBeReadHoldUpNothing() throws Exception {
    server.apply(
        door().replace("- {name: tls}", "- {name: tls, namespace: bank}")
            + """
            ---
            apiVersion: gateway.networking.k8s.io/v1beta1
            kind: ReferenceGrant
            metadata: {name: door, namespace: bank}
            spec:
              from: [{group: gateway.networking.k8s.io, kind: Gateway, namespace: shop}]
              to: [{group: "", kind: Secret}]
            """);
    server.forbid("bank", "secrets");
    server.issue("door", new Token("shop:door", "istio-ca", "door-1", "do-1", "node-2"));
    try (ControlPlane second = replica("b");
        TestClient door = client(second, "door")) {
      TestStream stream = door.discovery();
      stream.subscribe(DOCUMENT);
      assertThat(names(stream.response()))
          .containsExactly("Gateway shop/door", "ReferenceGrant bank/door");
    }
  }

  private static String door() {
    return """
    apiVersion: gateway.networking.k8s.io/v1
    kind: Gateway
    metadata: {name: door, namespace: shop}
    spec:
      gatewayClassName: culvert-gateway
      listeners:
        - name: https
          port: 443
          protocol: HTTPS
          tls:
            certificateRefs:
              - {name: tls}
    ---
    apiVersion: v1
    kind: Pod
    metadata:
      {name: door-1, namespace: shop, uid: do-1, labels: {gateway.networking.k8s.io/gateway-name: door}}
    spec: {nodeName: node-2, serviceAccountName: door, containers: [{name: app, image: app}]}
    status: {phase: Running, podIP: 198.18.0.4}
    """;
  }

  private static String secret(String name, String type, String key) {
    return """
    ---
    apiVersion: v1
    kind: Secret
    metadata: {name: %s, namespace: shop}
    type: %s
    data: {tls.crt: "", tls.key: %s}
    """
        .formatted(
            name,
            type,
            java.util.Base64.getEncoder()
                .encodeToString(key.getBytes(java.nio.charset.StandardCharsets.UTF_8)));
  }

  @Test
  void waypointGetsNoOtherIdentity() throws Exception {
    server.issue("store", new Token("shop:store", "istio-ca", "store-1", "st-1", "node-2"));
    try (TestClient store = client(plane, "store")) {
      for (String other : List.of("web", "default", "storefront")) {
        refused(store, other, Status.Code.PERMISSION_DENIED, "not the identity of waypoint shop");
      }
    }
  }

  @Test
  void podThatIsNoWaypointIsRefused() throws Exception {
    server.issue("web", new Token("shop:web", "istio-ca", "web", "web-1", "node-1"));
    try (TestClient web = client(plane, "web")) {
      refused(web, "web", Status.Code.PERMISSION_DENIED, "is no pod of a waypoint");
    }
  }

  @Test
  void tokenOfDeletedWaypointPodIsRefused() throws Exception {
    server.issue("store", new Token("shop:store", "istio-ca", "store-1", "st-1", "node-2"));
    try (TestClient store = client(plane, "store")) {
      TestStream stream = store.discovery();
      stream.subscribe(ADDRESS);
      stream.response();
      server.delete("v1", "pods", "shop", "store-1");
      stream.response();
      refused(store, "store", Status.Code.PERMISSION_DENIED, "store-1 of the token is not running");
    }
  }

  @Test
  void identityOfAnotherNodeIsRefused() throws Exception {
    try (TestClient two = client(plane, "two")) {
      refused(two, "web", Status.Code.PERMISSION_DENIED, "no pod on node node-2 has identity");
    }
  }

  @Test
  void podThatIsGoneGetsNothingMore() throws Exception {
    try (TestClient one = client(plane, "one")) {
      TestStream stream = one.discovery();
      stream.subscribe(ADDRESS);
      stream.response();
      server.delete("v1", "pods", "shop", "web");
      stream.response();
      refused(one, "web", Status.Code.PERMISSION_DENIED, "no pod on node node-1 has identity");
      server.delete("v1", "pods", "culvert-system", "ztunnel-1");
      stream.response();
      refused(one, "web", Status.Code.PERMISSION_DENIED, "is not running");
    }
  }

  @Test
  void tokenThatRanOutIsRefused() throws Exception {
    server.revoke("one");
    try (TestClient one = client(plane, "one")) {
      refused(one, "web", Status.Code.UNAUTHENTICATED, "does not accept the token");
    }
  }

  @Test
  void refusalsAreAudited() throws Exception {
    try (CapturedLog audit = new CapturedLog("dev.culvert.audit");
        TestClient two = client(plane, "two");
        TestClient stranger = client(plane, "unknown")) {
      refused(two, "web", Status.Code.PERMISSION_DENIED, "no pod on node");
      refused(stranger, "web", Status.Code.UNAUTHENTICATED, "does not accept");
      assertThat(audit.lines())
          .anyMatch(line -> line.contains("certificate refused: node=node-2"))
          .anyMatch(line -> line.contains("call refused:") && line.contains("does not accept"));
    }
  }

  @Test
  void twoReplicasHaveOneRootAndEitherServes() throws Exception {
    try (ControlPlane second = replica("b");
        TestClient one = client(second, "one")) {
      plane.close();
      TestStream stream = one.discovery();
      stream.subscribe(ADDRESS);
      assertThat(names(stream.response())).contains("Kubernetes//Pod/shop/web");
      assertThat(one.certificates().createCertificate(good("shop", "web")).getCertChainCount())
          .isEqualTo(2);
    }
  }

  @Test
  void versionsAreTheSameInEveryReplica() throws Exception {
    Map<String, String> versions = new HashMap<>();
    try (TestClient one = client(plane, "one")) {
      TestStream stream = one.discovery();
      stream.subscribe(ADDRESS);
      stream
          .response()
          .getResourcesList()
          .forEach(resource -> versions.put(resource.getName(), resource.getVersion()));
    }
    try (ControlPlane second = replica("b");
        TestClient one = client(second, "one")) {
      TestStream stream = one.discovery();
      stream.resume(ADDRESS, versions);
      DeltaDiscoveryResponse response = stream.response();
      assertThat(response.getResourcesList()).isEmpty();
      assertThat(response.getRemovedResourcesList()).isEmpty();
    }
  }

  @Test
  void changeInTheClusterReachesTheProxy() throws Exception {
    try (TestClient one = client(plane, "one")) {
      TestStream stream = one.discovery();
      stream.subscribe(ADDRESS);
      stream.response();
      server.delete("v1", "pods", "shop", "web");
      DeltaDiscoveryResponse change = stream.response();
      assertThat(change.getRemovedResourcesList()).containsExactly("Kubernetes//Pod/shop/web");
      assertThat(change.getResourcesList()).isEmpty();
    }
  }

  @Test
  void signerOfTheClusterIsWaitedForAndSigns() throws Exception {
    Path roots = folder.resolve("company.pem");
    try (KubernetesClient company = server.client()) {
      SomebodysSigner.open(company, roots).close();
      Map<String, String> signed =
          Map.of("ca-signer", SomebodysSigner.NAME, "ca-roots", roots.toString());
      CompletableFuture<ControlPlane> starts =
          CompletableFuture.supplyAsync(() -> replica("c", signed));
      server.awaitRequests("certificatesigningrequests", 4);
      assertThat(starts).isNotDone();
      try (var _ = SomebodysSigner.open(company, roots);
          ControlPlane plane = starts.get(60, TimeUnit.SECONDS);
          TestClient one = new TestClient(plane.port(), roots, "one")) {
        assertThat(one.certificates().createCertificate(good("shop", "web")).getCertChainCount())
            .isEqualTo(3);
        refused(one, "store", Status.Code.PERMISSION_DENIED, "no pod on node node-1");
      }
    }
  }

  @Test
  void taintOfANewNodeGoesOnceTheMeshIsThere() throws Exception {
    plane.close();
    plane = replica("d", Map.of("node-taint", "culvert.dev/agent-not-ready"));
    server.apply(
        """
        apiVersion: v1
        kind: Node
        metadata: {name: node-3}
        spec: {taints: [{key: culvert.dev/agent-not-ready, effect: NoExecute}]}
        """);
    for (String part : List.of("culvert-agent", "ztunnel")) {
      server.apply(
          """
          apiVersion: v1
          kind: Pod
          metadata: {name: %1$s-3, namespace: culvert-system, labels: {app: %1$s}}
          spec: {nodeName: node-3, containers: [{name: app, image: app}]}
          status: {phase: Running, conditions: [{type: Ready, status: "True"}]}
          """
              .formatted(part));
    }
    while (!taints("node-3").isEmpty()) {
      Thread.sleep(10);
    }
  }

  private List<?> taints(String node) {
    return server.find("v1", "nodes", node).orElseThrow().get("spec", "taints");
  }

  private static Token token(String pod, String uid, String node) {
    return new Token("culvert-system:ztunnel", "istio-ca", pod, uid, node);
  }

  private ControlPlane replica(String name) {
    return replica(name, Map.of());
  }

  private ControlPlane replica(String name, Map<String, String> further) {
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
    Path kubeconfig = folder.resolve("kubeconfig");
    Files.writeString(
        kubeconfig,
        """
        apiVersion: v1
        kind: Config
        current-context: test
        contexts: [{name: test, context: {cluster: test, user: test}}]
        clusters: [{name: test, cluster: {server: "%s"}}]
        users: [{name: test, user: {}}]
        """
            .formatted(server.url()));
    Map<String, String> settings = new HashMap<>();
    settings.put("source", "kubernetes");
    settings.put("kubeconfig", kubeconfig.toString());
    settings.put("state", folder.resolve(name).toString());
    settings.put("listen", "127.0.0.1:0");
    settings.put("drain", "1s");
    settings.putAll(further);
    return settings;
  }

  private TestClient client(ControlPlane of, String token) throws IOException {
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
      Files.write(root, java.util.Base64.getDecoder().decode(pem));
    }
    return new TestClient(of.port(), root, token);
  }

  private static List<String> names(DeltaDiscoveryResponse response) {
    return response.getResourcesList().stream().map(Resource::getName).toList();
  }

  private static void refused(TestClient client, String account, Status.Code code, String message) {
    assertThatExceptionOfType(StatusRuntimeException.class)
        .isThrownBy(() -> client.certificates().createCertificate(good("shop", account)))
        .satisfies(e -> assertThat(e.getStatus().getCode()).isEqualTo(code))
        .satisfies(e -> assertThat(e.getStatus().getDescription()).contains(message));
  }
}
