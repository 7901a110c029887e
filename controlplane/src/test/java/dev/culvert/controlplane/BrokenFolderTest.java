// SPDX-License-Identifier: Apache-2.0
package dev.culvert.controlplane;

import static dev.culvert.controlplane.LocalMesh.names;
import static dev.culvert.controlplane.LocalMesh.pod;
import static dev.culvert.controlplane.LocalMesh.subscribed;
import static dev.culvert.controlplane.discovery.TypeUrl.AUTHORIZATION;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.culvert.controlplane.state.ControlPlaneException;
import dev.culvert.policy.wire.discovery.DeltaDiscoveryResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** A folder that is not as it should be, and what a control plane cannot start with. */
@Timeout(60)
class BrokenFolderTest {
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
  void brokenFileLeavesItsLastGoodState() throws Exception {
    try (TestClient client = mesh.client("one")) {
      TestStream stream = subscribed(client);
      stream.response();
      mesh.write("web.yaml", pod("web", "one", "no address"));
      mesh.write("more.yaml", pod("more", "one", "198.18.0.3"));
      DeltaDiscoveryResponse next = stream.response();
      assertThat(names(next)).containsExactly("Kubernetes//Pod/shop/more");
      assertThat(next.getRemovedResourcesList()).isEmpty();
      mesh.status("\"file\":\"web.yaml\"");

      mesh.write("web.yaml", pod("web", "one", "198.18.0.9"));
      assertThat(names(stream.response())).containsExactly("Kubernetes//Pod/shop/web");
      mesh.status("\"errors\":[]");
    }
  }

  @Test
  void restartWithBrokenFileKeepsItsLastGoodState() throws Exception {
    mesh.stop();
    mesh.write("web.yaml", "{{{ garbage");
    mesh.start();
    mesh.status("\"file\":\"web.yaml\"");
    try (TestClient client = mesh.client("one")) {
      assertThat(names(subscribed(client).response())).contains("Kubernetes//Pod/shop/web");
    }
  }

  @Test
  void firstStartWithABrokenPolicyClosesItAndTellsWhatItCannotClose() throws Exception {
    mesh.stop();
    mesh.write(
        "policy.yaml",
        """
        apiVersion: policy.culvert.dev/v1alpha1
        kind: AuthorizationPolicy
        metadata: {name: deny, namespace: shop}
        spec: {action: DENNY, rules: [{}]}
        """);
    mesh.write("garbage.yaml", "{{{ garbage");
    mesh.start();
    mesh.status("AuthorizationPolicy shop/deny is closed until it is corrected");
    mesh.status("the file cannot be read; should it hold a policy: nothing stands in for it");
    try (TestClient client = mesh.client("one")) {
      TestStream stream = client.discovery();
      stream.subscribe(AUTHORIZATION);
      assertThat(names(stream.response())).contains("shop/deny");
    }
  }

  @Test
  void goneFolderLeavesTheLastState() throws Exception {
    try (TestClient client = mesh.client("one")) {
      TestStream stream = subscribed(client);
      stream.response();
      Path away = folder.resolve("away");
      Files.move(mesh.source(), away);
      Files.writeString(away.resolve("web.yaml"), pod("web", "one", "198.18.0.7"));
      Files.move(away, mesh.source());
      DeltaDiscoveryResponse next = stream.response();
      assertThat(names(next)).containsExactly("Kubernetes//Pod/shop/web");
      assertThat(next.getRemovedResourcesList()).isEmpty();
    }
  }

  @Test
  void garbledRootKeyStopsTheStart() throws Exception {
    mesh.stop();
    Files.writeString(mesh.state().resolve("root-key.pem"), "garbled");
    refusedToStart(mesh.config(), "root-key.pem: ");
    refusedToStart(mesh.config(), "root-key.pem: ");
    Files.delete(mesh.state().resolve("root-key.pem"));
    Files.delete(mesh.state().resolve("root-cert.pem"));
    mesh.start();
  }

  @Test
  void takenPortStopsTheStart() {
    ControlPlaneConfig taken =
        LocalMesh.config(
            Map.of(
                "source", mesh.source().toString(),
                "state", folder.resolve("other").toString(),
                "listen", "127.0.0.1:" + mesh.plane().port()));
    refusedToStart(taken, "choose another with 'listen'");
  }

  @Test
  void takenStateStopsTheStart() {
    refusedToStart(mesh.config(), "another control plane holds this state folder");
  }

  @Test
  void missingSourceStopsTheStart() {
    refusedToStart(
        LocalMesh.config(
            Map.of(
                "source", folder.resolve("nowhere").toString(),
                "state", folder.resolve("other").toString())),
        "name another with 'source'");
  }

  private static void refusedToStart(ControlPlaneConfig config, String message) {
    assertThatExceptionOfType(ControlPlaneException.class)
        .isThrownBy(() -> ControlPlane.start(config))
        .withMessageContaining(message);
  }
}
