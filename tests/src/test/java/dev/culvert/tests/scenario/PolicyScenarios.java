// SPDX-License-Identifier: Apache-2.0
package dev.culvert.tests.scenario;

import static org.assertj.core.api.Assertions.assertThat;

import dev.culvert.tests.app.AppConnection;
import dev.culvert.tests.app.AppServer;
import dev.culvert.tests.app.Services;
import dev.culvert.tests.mesh.Await;
import dev.culvert.tests.mesh.Mesh;
import dev.culvert.tests.mesh.MeshPod;
import dev.culvert.tests.mesh.MeshProcess;
import java.io.IOException;
import java.nio.file.Files;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/**
 * What the destination's policy lets in, and what an edit of it does to connections that are open.
 */
abstract class PolicyScenarios {
  private static final int PORT = 8300;
  private static final String POLICY = "policy.yaml";
  private static final String NAME = "by-identity";

  private final Mesh mesh;
  private AppServer app;

  PolicyScenarios(Mesh mesh) {
    this.mesh = mesh;
  }

  @BeforeEach
  void startApp() throws IOException {
    app = mesh.server().serve(PORT, Services.echo());
  }

  @AfterEach
  void withoutPolicyEverybodyMayAgain() throws Exception {
    try (AppServer _ = app) {
      mesh.withdraw(POLICY);
      Await.until("the client may again", () -> works(mesh.client()));
      Await.until("the outsider may again", () -> works(mesh.outsider()));
    }
  }

  @Test
  void allowedIdentityOnly() throws Exception {
    mesh.apply(POLICY, allow("cluster.local/ns/mesh/sa/client"));
    Await.until("the outsider is refused", () -> fails(mesh.outsider()));
    assertThat(works(mesh.client())).isTrue();
    assertThat(fails(mesh.neighbour())).isTrue();
  }

  @Test
  void deniedIdentity() throws Exception {
    mesh.apply(POLICY, deny("cluster.local/ns/mesh/sa/client"));
    Await.until("the client is refused", () -> fails(mesh.client()));
    assertThat(works(mesh.neighbour())).isTrue();
    assertThat(works(mesh.outsider())).isTrue();
  }

  @Test
  void allowPolicyThatMatchesNobodyDeniesAll() throws Exception {
    mesh.apply(
        POLICY,
        """
        apiVersion: policy.culvert.dev/v1alpha1
        kind: AuthorizationPolicy
        metadata: {name: nobody, namespace: mesh}
        spec:
          selector: {matchLabels: {app: server}}
        """);
    Await.until("the client is refused", () -> fails(mesh.client()));
    assertThat(fails(mesh.outsider())).isTrue();
  }

  @Test
  void editClosesTheConnectionsItForbids() throws Exception {
    try (AppConnection forbidden = mesh.client().connect(mesh.server().at(PORT));
        AppConnection allowed = mesh.neighbour().connect(mesh.server().at(PORT))) {
      assertThat(forbidden.echo("before")).isEqualTo("before");
      assertThat(allowed.echo("before")).isEqualTo("before");
      mesh.apply(POLICY, deny("cluster.local/ns/mesh/sa/client"));
      assertThat(Endings.of(forbidden)).isNotEmpty();
      assertThat(allowed.echo("after")).isEqualTo("after");
    }
  }

  @Test
  void dryRunTellsWhatWouldBeAndRefusesNothing() throws Exception {
    String trial =
        deny("cluster.local/ns/mesh/sa/client")
            .replace(
                "namespace: mesh}", "namespace: mesh, annotations: {istio.io/dry-run: \"true\"}}");
    mesh.apply(POLICY, trial);
    Await.until("the log tells", () -> works(mesh.client()) && told(mesh.client()));
    assertThat(works(mesh.client())).isTrue();
    assertThat(works(mesh.outsider())).isTrue();
    assertThat(told(mesh.outsider())).isFalse();
  }

  /** Whether the server's ztunnel said of a connection from there what the trial would do. */
  private boolean told(MeshPod from) throws IOException {
    String source = " src.addr=" + from.v4().getHostAddress() + ":";
    String destination = " dst.addr=%s:%d ".formatted(mesh.server().v4().getHostAddress(), PORT);
    return Files.readAllLines(mesh.server().ztunnelLog()).stream()
        .filter(line -> line.contains(source) && line.contains(destination))
        .anyMatch(line -> line.contains(" dry_run=\"denied by mesh/by-identity\""));
  }

  /** The server's ztunnel hears of nothing while it is stopped: who closes is the client's. */
  @Test
  void editClosesAtTheSourceWhatTheDestinationDoesNot() throws Exception {
    MeshProcess deaf = mesh.processes().ztunnelOf(mesh.server());
    try (AppConnection open = mesh.client().connect(mesh.server().at(PORT))) {
      assertThat(open.echo("before")).isEqualTo("before");
      deaf.stop();
      try {
        mesh.apply(POLICY, deny("cluster.local/ns/mesh/sa/client"));
        assertThat(Endings.of(open)).isEqualTo(Endings.RESET);
      } finally {
        deaf.resume();
      }
      // Or it would come to deny when this scenario is over.
      Await.until(
          "the destination has heard of it too",
          () -> ConfigDump.of(mesh.server()).get("policies").toString().contains(NAME));
    }
  }

  @Test
  void brokenFileKeepsTheLastGoodPolicy() throws Exception {
    mesh.apply(POLICY, deny("cluster.local/ns/mesh/sa/client"));
    Await.until("the client is refused", () -> fails(mesh.client()));
    mesh.apply(POLICY, "kind: AuthorizationPolicy\nspec: {rules: [\n");
    mesh.processes().controlPlane().awaitLog(POLICY);
    assertThat(fails(mesh.client())).isTrue();
    mesh.apply("broken.yaml", "\tnot: yaml");
    mesh.processes().controlPlane().awaitLog("broken.yaml");
    mesh.withdraw("broken.yaml");
    assertThat(fails(mesh.client())).isTrue();
    assertThat(works(mesh.outsider())).isTrue();
  }

  @Test
  void policyWithAnUnknownFieldIsNamedAndClosesWhatItIsFor() throws Exception {
    String misspelt = deny("cluster.local/ns/mesh/sa/other").replace("principals", "principles");
    mesh.apply(POLICY, misspelt);
    assertThat(mesh.processes().controlPlane().awaitLog("principles")).contains(POLICY);
    Await.until("denied to all", () -> fails(mesh.client()));
    mesh.apply(POLICY, misspelt.replace("principles", "principals"));
    Await.until("denied to the other only", () -> works(mesh.client()));
  }

  private boolean works(MeshPod from) throws IOException {
    try (AppConnection connection = from.connect(mesh.server().at(PORT))) {
      return connection.echo("may I?").equals("may I?");
    } catch (IOException _) {
      return false;
    }
  }

  private boolean fails(MeshPod from) throws IOException {
    return !works(from);
  }

  private static String allow(String principal) {
    return rule("ALLOW", principal);
  }

  private static String deny(String principal) {
    return rule("DENY", principal);
  }

  private static String rule(String action, String principal) {
    return """
    apiVersion: policy.culvert.dev/v1alpha1
    kind: AuthorizationPolicy
    metadata: {name: %s, namespace: mesh}
    spec:
      selector: {matchLabels: {app: server}}
      action: %s
      rules:
      - from:
        - source: {principals: ["%s"]}
    """
        .formatted(NAME, action, principal);
  }
}
