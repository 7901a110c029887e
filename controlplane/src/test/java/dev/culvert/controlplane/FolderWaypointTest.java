// SPDX-License-Identifier: Apache-2.0
package dev.culvert.controlplane;

import static dev.culvert.controlplane.LocalMesh.names;
import static dev.culvert.controlplane.LocalMesh.subscribed;
import static dev.culvert.controlplane.Requests.good;
import static dev.culvert.controlplane.discovery.TypeUrl.ADDRESS;
import static dev.culvert.controlplane.discovery.TypeUrl.DOCUMENT;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.culvert.policy.wire.ca.IstioCertificateRequest;
import dev.culvert.policy.wire.discovery.DeltaDiscoveryResponse;
import dev.culvert.policy.wire.waypoint.Document;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** What a waypoint is told, and gets, of a folder. */
@Timeout(60)
class FolderWaypointTest {
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

  @TempDir private Path folder;
  private LocalMesh mesh;

  @BeforeEach
  void start() throws Exception {
    mesh = new LocalMesh(folder);
  }

  @AfterEach
  void stop() {
    mesh.stop();
  }

  @Test
  void waypointHasTokenMeshAndItsOwnCertificate() throws Exception {
    Path file = mesh.withWaypoint();
    try (TestClient store = mesh.clientWithToken(Files.readString(file).strip())) {
      assertThat(names(subscribed(store).response())).contains("Kubernetes//Pod/shop/web");
      assertThat(store.certificates().createCertificate(good("shop", "store")).getCertChainCount())
          .isEqualTo(2);
      refused(store, "web", "is not the identity of waypoint shop/store");
    }
  }

  @Test
  void waypointThatNamesNobodyGetsItsOwnIdentity() throws Exception {
    Path file = mesh.withWaypoint();
    try (TestClient store = mesh.clientWithToken(Files.readString(file).strip())) {
      IstioCertificateRequest unnamed = good("shop", "store").toBuilder().clearMetadata().build();
      assertThat(store.certificates().createCertificate(unnamed).getCertChainCount()).isEqualTo(2);
    }
  }

  @Test
  void waypointTokenDiesWithItsPodAndItsGateway() throws Exception {
    Path file = mesh.withWaypoint();
    String token = Files.readString(file).strip();
    try (TestClient one = mesh.client("one");
        TestClient store = mesh.clientWithToken(token)) {
      TestStream stream = subscribed(one);
      stream.response();
      Files.delete(mesh.source().resolve("gateway.yaml"));
      stream.response();
      refused(store, "store", "does not run, or is no pod of a waypoint");
      mesh.write("gateway.yaml", LocalMesh.GATEWAY);
      stream.response();
      assertThat(store.certificates().createCertificate(good("shop", "store")).getCertChainCount())
          .isEqualTo(2);
      Files.delete(mesh.source().resolve("store.yaml"));
      stream.response();
      refused(store, "store", "does not run, or is no pod of a waypoint");
    }
  }

  @Test
  void policiesAreKnownBeforeTheirServiceAndAfterIt() throws Exception {
    Path file = mesh.withWaypoint();
    try (TestClient store = mesh.clientWithToken(Files.readString(file).strip())) {
      TestStream stream = store.discovery();
      stream.subscribe(DOCUMENT);
      assertThat(told(stream, "Gateway shop/store")).containsOnlyKeys("Gateway shop/store");
      stream.subscribe(ADDRESS);
      assertThat(stream.response().getTypeUrl()).isEqualTo(ADDRESS);
      mesh.write("cart.yaml", BOUND);
      assertThat(names(stream.response())).containsExactly("AuthorizationPolicy shop/cart");
      assertThat(names(stream.response())).containsExactly("shop/cart.shop.svc.cluster.local");
      mesh.write("cart.yaml", BOUND.replace("/admin", "/root"));
      assertThat(names(stream.response())).containsExactly("AuthorizationPolicy shop/cart");
      mesh.write("cart.yaml", BOUND.replace("/admin", "/root").replace(": store}", ": none}"));
      assertThat(names(stream.response())).containsExactly("shop/cart.shop.svc.cluster.local");
      assertThat(stream.response().getRemovedResourcesList())
          .containsExactly("AuthorizationPolicy shop/cart");
    }
  }

  @Test
  void waypointThatComesBackIsToldWhatChanged() throws Exception {
    mesh.write("cart.yaml", BOUND);
    Path file = mesh.withWaypoint();
    try (TestClient store = mesh.clientWithToken(Files.readString(file).strip())) {
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
    mesh.write("cart.yaml", BOUND.replace("paths", "pahts"));
    Path file = mesh.withWaypoint();
    try (TestClient store = mesh.clientWithToken(Files.readString(file).strip())) {
      TestStream stream = store.discovery();
      stream.subscribe(DOCUMENT);
      assertThat(told(stream, "Gateway shop/store")).containsOnlyKeys("Gateway shop/store");
      mesh.write("service.yaml", BOUND.substring(0, BOUND.indexOf("---")));
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

  private static void refused(TestClient client, String account, String message) {
    assertThatExceptionOfType(StatusRuntimeException.class)
        .isThrownBy(() -> client.certificates().createCertificate(good("shop", account)))
        .satisfies(
            e -> assertThat(e.getStatus().getCode()).isEqualTo(Status.Code.PERMISSION_DENIED))
        .withMessageContaining(message);
  }
}
