// SPDX-License-Identifier: Apache-2.0
package dev.culvert.tests.scenario;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.gson.JsonObject;
import dev.culvert.tests.app.AppConnection;
import dev.culvert.tests.app.AppServer;
import dev.culvert.tests.app.Services;
import dev.culvert.tests.mesh.Await;
import dev.culvert.tests.mesh.Mesh;
import dev.culvert.tests.mesh.MeshPod;
import dev.culvert.tests.mesh.MeshProcess;
import java.io.IOException;
import java.time.Duration;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/**
 * Each process of the mesh dies alone, by SIGKILL: what goes on meanwhile, what is there again
 * afterwards.
 */
abstract class RecoveryScenarios {
  private static final int PORT = 8500;

  private final Mesh mesh;
  private AppServer app;

  RecoveryScenarios(Mesh mesh) {
    this.mesh = mesh;
  }

  @BeforeEach
  void startApp() throws IOException {
    app = mesh.server().serve(PORT, Services.echo());
  }

  @AfterEach
  void everythingWorksAgain() throws Exception {
    try (AppServer _ = app) {
      Await.until("traffic flows", () -> works(mesh.client()));
      assertThat(identified(mesh.client())).isTrue();
    }
  }

  @Test
  void killedZtunnelFailsClosedAndComesBack() throws Exception {
    MeshProcess ztunnel = mesh.processes().ztunnelOf(mesh.client());
    try (AppConnection open = mesh.client().connect(mesh.server().at(PORT))) {
      assertThat(open.echo("before")).isEqualTo("before");
      app.nextPeer();
      ztunnel.kill();
      assertThat(Endings.of(open)).isNotEmpty();
    }
    assertThat(works(mesh.client())).isFalse();
    assertThat(app.waitingPeers()).isZero();
    ztunnel.start();
    Await.until("the client is back", () -> works(mesh.client()));
  }

  @Test
  void killedZtunnelOfTheServerFailsClosedAndComesBack() throws Exception {
    MeshProcess ztunnel = mesh.processes().ztunnelOf(mesh.server());
    ztunnel.kill();
    assertThat(works(mesh.client())).isFalse();
    assertThat(works(mesh.outsider())).isFalse();
    assertThat(app.waitingPeers()).isZero();
    ztunnel.start();
    Await.until("the client is back", () -> works(mesh.client()));
    Await.until("the outsider is back", () -> works(mesh.outsider()));
  }

  @Test
  void killedAgentLosesNoConnectionAndProtectsOn() throws Exception {
    MeshProcess agent = mesh.processes().agentOf(mesh.client());
    try (AppConnection open = mesh.client().connect(mesh.server().at(PORT))) {
      assertThat(open.echo("before")).isEqualTo("before");
      agent.kill();
      assertThat(open.echo("without agent")).isEqualTo("without agent");
      assertThat(identified(mesh.client())).isTrue();
      agent.start();
      agent.awaitReady();
      assertThat(open.echo("with the new agent")).isEqualTo("with the new agent");
      assertThat(identified(mesh.client())).isTrue();
    }
  }

  @Test
  void podThatComesWhileTheAgentIsDeadIsEnrolledByTheNext() throws Exception {
    MeshProcess agent = mesh.processes().agentOf(mesh.client());
    agent.kill();
    try (MeshPod pod = mesh.addPodWithoutWaiting(Mesh.NODE_1, "late", true)) {
      agent.start();
      Await.until("it is in the mesh", () -> identified(pod));
    }
  }

  /** The agent that comes back cannot tell ztunnel to delete it: its snapshot does. */
  @Test
  void podThatLeavesWhileTheAgentIsDeadIsLetGoByZtunnel() throws Exception {
    MeshProcess agent = mesh.processes().agentOf(mesh.client());
    MeshProcess ztunnel = mesh.processes().ztunnelOf(mesh.client());
    long before = ztunnel.settledDescriptors();
    try (MeshPod _ = mesh.addPod(Mesh.NODE_1, "leaver", true)) {
      assertThat(served("leaver")).isTrue();
      agent.kill();
    }
    assertThat(served("leaver")).isTrue();
    agent.start();
    agent.awaitReady();
    Await.until("ztunnel lets it go", () -> !served("leaver"));
    ztunnel.awaitDescriptors(before);
  }

  /** Whether the client's ztunnel has a pod of that name. */
  private boolean served(String name) throws IOException {
    JsonObject pods = ConfigDump.of(mesh.client()).getAsJsonObject("workloadState");
    return pods.entrySet().stream()
        .map(pod -> pod.getValue().getAsJsonObject().getAsJsonObject("info"))
        .anyMatch(info -> ConfigDump.text(info, "name").equals(name));
  }

  @Test
  void ztunnelThatIsToldToEndDoesSoThoughAConnectionNeverDoes() throws Exception {
    MeshProcess ztunnel = mesh.processes().ztunnelOf(mesh.client());
    try (AppConnection open = mesh.client().connect(mesh.server().at(PORT))) {
      assertThat(open.echo("before")).isEqualTo("before");
      assertThat(ztunnel.lab().terminate(Duration.ofSeconds(60))).isZero();
      assertThat(Endings.of(open)).isEqualTo(Endings.RESET);
    }
    ztunnel.start();
    ztunnel.awaitReady();
  }

  @Test
  void trafficFlowsWithoutControlPlane() throws Exception {
    MeshProcess controlPlane = mesh.processes().controlPlane();
    try (AppConnection open = mesh.client().connect(mesh.server().at(PORT))) {
      assertThat(open.echo("before")).isEqualTo("before");
      controlPlane.kill();
      assertThat(open.echo("without controlplane")).isEqualTo("without controlplane");
      assertThat(identified(mesh.client())).isTrue();
      controlPlane.start();
      controlPlane.awaitReady();
      assertThat(open.echo("after")).isEqualTo("after");
    }
    try (MeshPod pod = mesh.addPod(Mesh.NODE_1, "afterwards", true)) {
      Await.until("a new pod gets its identity", () -> identified(pod));
    }
  }

  private boolean works(MeshPod from) {
    try {
      return talk(from).equals("who am I?");
    } catch (IOException _) {
      return false;
    }
  }

  private boolean identified(MeshPod from) throws Exception {
    return mesh.sourceIdentity(from.v4(), mesh.server(), mesh.server().at(PORT), () -> talk(from))
        .equals(Optional.of(from.identity()));
  }

  private String talk(MeshPod from) throws IOException {
    try (AppConnection connection = from.connect(mesh.server().at(PORT))) {
      return connection.echo("who am I?");
    }
  }
}
