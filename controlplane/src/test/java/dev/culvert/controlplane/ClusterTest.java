// SPDX-License-Identifier: Apache-2.0
package dev.culvert.controlplane;

import static dev.culvert.controlplane.Requests.good;
import static dev.culvert.controlplane.TestCluster.names;
import static dev.culvert.controlplane.TestCluster.refused;
import static dev.culvert.controlplane.discovery.TypeUrl.ADDRESS;
import static dev.culvert.controlplane.discovery.TypeUrl.DOCUMENT;
import static dev.culvert.controlplane.peers.Await.await;
import static org.assertj.core.api.Assertions.assertThat;

import dev.culvert.controlplane.ca.SomebodysSigner;
import dev.culvert.controlplane.source.kubernetes.ApiServer.Token;
import dev.culvert.policy.wire.discovery.DeltaDiscoveryResponse;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.grpc.Status;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** A control plane whose mesh, root and callers are an API server's. */
@Timeout(90)
class ClusterTest extends ClusterCase {
  @Test
  void nodeGetsTheMeshAndCertificatesOfItsOwnPods() throws Exception {
    try (TestClient one = cluster.client("one")) {
      TestStream stream = one.discovery();
      stream.subscribe(ADDRESS);
      assertThat(names(stream.response())).contains("Kubernetes//Pod/shop/web");
      assertThat(one.certificates().createCertificate(good("shop", "web")).getCertChainCount())
          .isEqualTo(2);
    }
  }

  @Test
  void waypointGetsTheMeshAndItsOwnCertificate() throws Exception {
    cluster
        .server()
        .issue("store", new Token("shop:store", "istio-ca", "store-1", "st-1", "node-2"));
    try (TestClient store = cluster.client("store")) {
      TestStream stream = store.discovery();
      stream.subscribe(ADDRESS);
      assertThat(names(stream.response())).contains("Kubernetes//Pod/shop/web");
      assertThat(store.certificates().createCertificate(good("shop", "store")).getCertChainCount())
          .isEqualTo(2);
    }
  }

  @Test
  void waypointIsToldItsOwnPoliciesAndNobodyElseIs() throws Exception {
    cluster.server().apply(policy("own", "store") + "---\n" + policy("other", "elsewhere"));
    cluster
        .server()
        .issue("store", new Token("shop:store", "istio-ca", "store-1", "st-1", "node-2"));
    try (TestClient store = cluster.client("store");
        TestClient one = cluster.client("one")) {
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
      cluster.server().apply(policy("own", "store").replace("DENY", "ALLOW"));
      assertThat(names(stream.response())).containsExactly("AuthorizationPolicy shop/own");
      node.subscribe(ADDRESS);
      assertThat(node.response().getTypeUrl()).isEqualTo(ADDRESS);
    }
  }

  @Test
  void changeInTheClusterReachesTheProxy() throws Exception {
    try (TestClient one = cluster.client("one")) {
      TestStream stream = one.discovery();
      stream.subscribe(ADDRESS);
      stream.response();
      cluster.server().delete("v1", "pods", "shop", "web");
      DeltaDiscoveryResponse change = stream.response();
      assertThat(change.getRemovedResourcesList()).containsExactly("Kubernetes//Pod/shop/web");
      assertThat(change.getResourcesList()).isEmpty();
    }
  }

  @Test
  void signerOfTheClusterIsWaitedForAndSigns() throws Exception {
    Path roots = folder.resolve("company.pem");
    try (KubernetesClient company = cluster.server().client()) {
      SomebodysSigner.open(company, roots).close();
      Map<String, String> signed =
          Map.of("ca-signer", SomebodysSigner.NAME, "ca-roots", roots.toString());
      CompletableFuture<ControlPlane> starts =
          CompletableFuture.supplyAsync(() -> cluster.replica("c", signed));
      cluster.server().awaitRequests("certificatesigningrequests", 4);
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
    cluster.restart("d", Map.of("node-taint", "culvert.dev/agent-not-ready"));
    cluster
        .server()
        .apply(
            """
        apiVersion: v1
        kind: Node
        metadata: {name: node-3}
        spec: {taints: [{key: culvert.dev/agent-not-ready, effect: NoExecute}]}
        """);
    for (String part : List.of("culvert-agent", "ztunnel")) {
      cluster
          .server()
          .apply(
              """
          apiVersion: v1
          kind: Pod
          metadata: {name: %1$s-3, namespace: culvert-system, labels: {app: %1$s}}
          spec: {nodeName: node-3, containers: [{name: app, image: app}]}
          status: {phase: Running, conditions: [{type: Ready, status: "True"}]}
          """
                  .formatted(part));
    }
    await(() -> taints("node-3").isEmpty());
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

  private List<?> taints(String node) {
    return cluster.server().find("v1", "nodes", node).orElseThrow().get("spec", "taints");
  }
}
