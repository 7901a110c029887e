// SPDX-License-Identifier: Apache-2.0
package dev.culvert.controlplane;

import static dev.culvert.controlplane.LocalMesh.names;
import static dev.culvert.controlplane.LocalMesh.pod;
import static dev.culvert.controlplane.LocalMesh.subscribed;
import static dev.culvert.controlplane.Requests.good;
import static dev.culvert.controlplane.discovery.TypeUrl.AUTHORIZATION;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.culvert.controlplane.access.NodeTokens;
import dev.culvert.controlplane.ca.RootStore;
import dev.culvert.policy.wire.ca.IstioCertificateServiceGrpc;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** A control plane of a folder, and the proxies of two nodes. */
@Timeout(60)
class ControlPlaneTest {
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
  void folderIsServed() throws Exception {
    try (TestClient client = mesh.client("one")) {
      assertThat(names(subscribed(client).response()))
          .containsExactly("Kubernetes//Pod/shop/db", "Kubernetes//Pod/shop/web");
    }
  }

  @Test
  void editIsPushed() throws Exception {
    try (TestClient client = mesh.client("one")) {
      TestStream stream = subscribed(client);
      stream.response();
      mesh.write("more.yaml", pod("more", "one", "198.18.0.3"));
      assertThat(names(stream.response())).containsExactly("Kubernetes//Pod/shop/more");
      Files.delete(mesh.source().resolve("more.yaml"));
      assertThat(stream.response().getRemovedResourcesList())
          .containsExactly("Kubernetes//Pod/shop/more");
    }
  }

  @Test
  void nodeGetsCertificatesOfItsOwnPods() throws Exception {
    try (TestClient one = mesh.client("one")) {
      assertThat(one.certificates().createCertificate(good("shop", "web")).getCertChainList())
          .hasSize(2);
      assertThatExceptionOfType(StatusRuntimeException.class)
          .isThrownBy(() -> one.certificates().createCertificate(good("shop", "db")))
          .satisfies(
              e -> assertThat(e.getStatus().getCode()).isEqualTo(Status.Code.PERMISSION_DENIED));
    }
  }

  @Test
  void certificateOfPodThatIsJustComingIsWaitedFor() throws Exception {
    try (TestClient one = mesh.client("one")) {
      var request = good("shop", "more");
      var answer =
          IstioCertificateServiceGrpc.newFutureStub(one.channel()).createCertificate(request);
      mesh.write("more.yaml", pod("more", "one", "198.18.0.3"));
      assertThat(answer.get().getCertChainList()).hasSize(2);
    }
  }

  @Test
  void movedPodMovesTheRightToItsCertificate() throws Exception {
    try (TestClient one = mesh.client("one");
        TestClient two = mesh.client("two")) {
      TestStream stream = subscribed(two);
      stream.response();
      mesh.write("web.yaml", pod("web", "two", "198.18.0.1"));
      stream.response();
      assertThat(two.certificates().createCertificate(good("shop", "web")).getCertChainList())
          .hasSize(2);
      assertThatExceptionOfType(StatusRuntimeException.class)
          .isThrownBy(() -> one.certificates().createCertificate(good("shop", "web")));
    }
  }

  @Test
  void newNodeGetsItsTokenBeforeItsPodIsPushed() throws Exception {
    try (TestClient one = mesh.client("one")) {
      TestStream stream = subscribed(one);
      stream.response();
      mesh.write("more.yaml", pod("more", "three", "198.18.0.3"));
      stream.response();
      try (TestClient three = mesh.client("three")) {
        assertThat(names(subscribed(three).response())).hasSize(3);
      }
    }
  }

  @Test
  void policyEditIsPushed() throws Exception {
    try (TestClient client = mesh.client("one")) {
      TestStream stream = client.discovery();
      stream.subscribe(AUTHORIZATION);
      stream.response();
      mesh.write(
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
    String root = Files.readString(mesh.state().resolve(RootStore.CERTIFICATE));
    String token = Files.readString(NodeTokens.file(mesh.state(), "one"));
    mesh.stop();
    mesh.start();
    assertThat(mesh.state().resolve(RootStore.CERTIFICATE)).hasContent(root.strip());
    assertThat(NodeTokens.file(mesh.state(), "one")).hasContent(token.strip());
  }
}
