// SPDX-License-Identifier: Apache-2.0
package dev.culvert.controlplane;

import static dev.culvert.controlplane.TestCluster.names;
import static dev.culvert.controlplane.TestCluster.refused;
import static dev.culvert.controlplane.discovery.TypeUrl.DOCUMENT;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.culvert.controlplane.source.kubernetes.ApiServer.Token;
import io.grpc.Status;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Certificates of front doors: who is told them, and which are read. */
@Timeout(90)
class ClusterSecretsTest extends ClusterCase {
  @Test
  void certificateIsToldToItsFrontDoorOnly() throws Exception {
    cluster.server().apply(door() + secret("tls", "kubernetes.io/tls", "one"));
    cluster.server().apply(secret("unnamed", "kubernetes.io/tls", "two").substring(4));
    cluster.server().issue("door", new Token("shop:door", "istio-ca", "door-1", "do-1", "node-2"));
    cluster
        .server()
        .issue("store", new Token("shop:store", "istio-ca", "store-1", "st-1", "node-2"));
    try (TestClient door = cluster.client("door");
        TestClient store = cluster.client("store");
        TestClient node = cluster.client("one")) {
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
      cluster.server().apply(secret("tls", "kubernetes.io/tls", "three").substring(4));
      assertThat(names(stream.response())).containsExactly("Secret shop/tls");
    }
    assertThat(cluster.server().selections("secrets"))
        .filteredOn(asked -> !asked.startsWith("culvert-system"))
        .isNotEmpty()
        .allMatch("shop metadata.name=tls"::equals);
  }

  @Test
  void podThatOnlyCallsItselfFrontDoorIsRefused() throws Exception {
    cluster.server().apply(door().replace("serviceAccountName: door", "serviceAccountName: thief"));
    cluster
        .server()
        .issue("thief", new Token("shop:thief", "istio-ca", "door-1", "do-1", "node-2"));
    try (TestClient thief = cluster.client("thief")) {
      refused(thief, "door", Status.Code.PERMISSION_DENIED, "is no pod of a waypoint");
    }
  }

  @Test
  void replicaThatStartsKnowsTheCertificates() throws Exception {
    cluster.server().apply(door() + secret("tls", "kubernetes.io/tls", "one"));
    cluster.server().issue("door", new Token("shop:door", "istio-ca", "door-1", "do-1", "node-2"));
    try (ControlPlane second = cluster.replica("b");
        TestClient door = cluster.client(second, "door")) {
      TestStream stream = door.discovery();
      stream.subscribe(DOCUMENT);
      assertThat(names(stream.response())).contains("Gateway shop/door", "Secret shop/tls");
    }
  }

  @Test
  void secretsThatMayNotBeReadHoldUpNothing() throws Exception {
    cluster
        .server()
        .apply(
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
    cluster.server().forbid("bank", "secrets");
    cluster.server().issue("door", new Token("shop:door", "istio-ca", "door-1", "do-1", "node-2"));
    try (ControlPlane second = cluster.replica("b");
        TestClient door = cluster.client(second, "door")) {
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
        .formatted(name, type, Base64.getEncoder().encodeToString(key.getBytes(UTF_8)));
  }
}
