// SPDX-License-Identifier: Apache-2.0
package dev.culvert.tests.scenario;

import static org.assertj.core.api.Assertions.assertThat;

import dev.culvert.tests.app.AppConnection;
import dev.culvert.tests.app.AppServer;
import dev.culvert.tests.app.Services;
import dev.culvert.tests.mesh.Await;
import dev.culvert.tests.mesh.Mesh;
import dev.culvert.tests.mesh.MeshPod;
import java.io.IOException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/**
 * Who takes plaintext, by PeerAuthentication: mesh, namespace, workload, port, the nearest wins.
 */
abstract class PlaintextScenarios {
  private static final int PORT = 8310;
  private static final String MODE = "mode.yaml";
  private static final String WIDER_MODE = "wider-mode.yaml";

  private final Mesh mesh;
  private AppServer app;

  PlaintextScenarios(Mesh mesh) {
    this.mesh = mesh;
  }

  @BeforeEach
  void startApp() throws IOException {
    app = mesh.server().serve(PORT, Services.echo());
  }

  @AfterEach
  void withoutPolicyPlaintextIsTakenAgain() throws Exception {
    try (AppServer _ = app) {
      mesh.withdraw(MODE);
      mesh.withdraw(WIDER_MODE);
      Await.until("the outsider may again", () -> works(mesh.outsider()));
    }
  }

  @Test
  void editClosesPlaintextConnectionsToo() throws Exception {
    try (AppConnection open = mesh.outsider().connect(mesh.server().at(PORT))) {
      assertThat(open.echo("before")).isEqualTo("before");
      mesh.apply(MODE, mode("STRICT"));
      assertThat(Endings.of(open)).isNotEmpty();
    }
  }

  @Test
  void strictRefusesPlaintextAndPermissiveTakesIt() throws Exception {
    assertThat(works(mesh.outsider())).isTrue();
    mesh.apply(MODE, mode("STRICT"));
    Await.until("plaintext is refused", () -> fails(mesh.outsider()));
    assertThat(works(mesh.client())).isTrue();
    assertThat(works(mesh.neighbour())).isTrue();
    mesh.apply(MODE, mode("PERMISSIVE"));
    Await.until("plaintext is taken", () -> works(mesh.outsider()));
  }

  @Test
  void strictNamespaceRefusesPlaintextAndItsPermissiveWorkloadTakesIt() throws Exception {
    mesh.apply(WIDER_MODE, namespaceMode("mesh", "STRICT"));
    Await.until("plaintext is refused", () -> fails(mesh.outsider()));
    assertThat(works(mesh.client())).isTrue();
    mesh.apply(MODE, mode("PERMISSIVE"));
    Await.until("plaintext is taken", () -> works(mesh.outsider()));
  }

  @Test
  void strictMeshRefusesPlaintextAndItsPermissiveNamespaceTakesIt() throws Exception {
    mesh.apply(WIDER_MODE, namespaceMode("culvert-system", "STRICT"));
    Await.until("plaintext is refused", () -> fails(mesh.outsider()));
    assertThat(works(mesh.client())).isTrue();
    mesh.apply(MODE, namespaceMode("mesh", "PERMISSIVE"));
    Await.until("plaintext is taken", () -> works(mesh.outsider()));
  }

  @Test
  void permissivePortOfAStrictWorkloadTakesPlaintext() throws Exception {
    mesh.apply(MODE, mode("STRICT"));
    Await.until("plaintext is refused", () -> fails(mesh.outsider()));
    mesh.apply(MODE, mode("STRICT") + portMode(PORT + 1, "PERMISSIVE"));
    try (AppServer _ = mesh.server().serve(PORT + 1, Services.echo())) {
      Await.until("its port takes plaintext", () -> works(mesh.outsider(), PORT + 1));
      assertThat(fails(mesh.outsider())).isTrue();
      assertThat(works(mesh.client(), PORT + 1)).isTrue();
    }
  }

  @Test
  void strictPortOfAPermissiveWorkloadRefusesPlaintext() throws Exception {
    mesh.apply(WIDER_MODE, namespaceMode("mesh", "STRICT"));
    Await.until("plaintext is refused", () -> fails(mesh.outsider()));
    mesh.apply(MODE, mode("PERMISSIVE") + portMode(PORT + 1, "STRICT"));
    try (AppServer _ = mesh.server().serve(PORT + 1, Services.echo())) {
      Await.until("other ports take plaintext", () -> works(mesh.outsider()));
      assertThat(works(mesh.outsider(), PORT + 1)).isFalse();
      assertThat(works(mesh.client(), PORT + 1)).isTrue();
    }
  }

  @Test
  void disabledWorkloadOfAStrictMeshTakesPlaintextAndTunnels() throws Exception {
    mesh.apply(WIDER_MODE, namespaceMode("culvert-system", "STRICT"));
    Await.until("plaintext is refused", () -> fails(mesh.outsider()));
    mesh.apply(MODE, mode("DISABLE"));
    Await.until("plaintext is taken", () -> works(mesh.outsider()));
    assertThat(works(mesh.client())).isTrue();
  }

  @Test
  void oldestOfALevelDecides() throws Exception {
    String young = dated("a-young", "2026-02-01T00:00:00Z", "PERMISSIVE");
    mesh.apply(MODE, young + "---\n" + dated("b-old", "2026-01-01T00:00:00Z", "STRICT"));
    Await.until("plaintext is refused", () -> fails(mesh.outsider()));
    mesh.apply(MODE, young + "---\n" + dated("c-younger", "2026-03-01T00:00:00Z", "STRICT"));
    Await.until("plaintext is taken", () -> works(mesh.outsider()));
  }

  private boolean works(MeshPod from) throws IOException {
    return works(from, PORT);
  }

  private boolean works(MeshPod from, int port) throws IOException {
    try (AppConnection connection = from.connect(mesh.server().at(port))) {
      return connection.echo("may I?").equals("may I?");
    } catch (IOException _) {
      return false;
    }
  }

  private boolean fails(MeshPod from) throws IOException {
    return !works(from);
  }

  private static String mode(String mode) {
    return """
    apiVersion: policy.culvert.dev/v1alpha1
    kind: PeerAuthentication
    metadata: {name: mode, namespace: mesh}
    spec:
      selector: {matchLabels: {app: server}}
      mtls: {mode: %s}
    """
        .formatted(mode);
  }

  private static String namespaceMode(String namespace, String mode) {
    return """
    apiVersion: policy.culvert.dev/v1alpha1
    kind: PeerAuthentication
    metadata: {name: default, namespace: %s}
    spec:
      mtls: {mode: %s}
    """
        .formatted(namespace, mode);
  }

  private static String portMode(int port, String mode) {
    return "  portLevelMtls: {\"%d\": {mode: %s}}\n".formatted(port, mode);
  }

  private static String dated(String name, String created, String mode) {
    return """
    apiVersion: security.istio.io/v1
    kind: PeerAuthentication
    metadata: {name: %s, namespace: mesh, creationTimestamp: %s}
    spec:
      selector: {matchLabels: {app: server}}
      mtls: {mode: %s}
    """
        .formatted(name, created, mode);
  }
}
