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
import dev.culvert.tests.mesh.Root;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Pods of one node that connect without the proxy, and everything that must end it. */
@Root
@Timeout(value = 5, unit = TimeUnit.MINUTES)
final class KernelPathTest {
  private static final int PORT = 8600;
  private static final String POLICY = "policy.yaml";

  private static Mesh mesh;
  private AppServer app;

  @BeforeAll
  static void start() throws Exception {
    mesh = Mesh.startWithKernelPath();
  }

  @AfterAll
  static void stop() throws Exception {
    if (mesh != null) {
      mesh.close();
    }
  }

  @BeforeEach
  void startApp() throws Exception {
    app = mesh.neighbour().serve(PORT, Services.echo());
    Await.until("the pair needs no proxy", () -> isDirectNow(mesh.client()));
  }

  @AfterEach
  void allowAgain() throws Exception {
    mesh.withdraw(POLICY);
    Await.until("the client may again", this::works);
    app.close();
  }

  private static InetSocketAddress to() {
    return mesh.neighbour().at(PORT);
  }

  private static boolean isDirectNow(MeshPod from) throws IOException {
    try (AppConnection connection = from.connect(to())) {
      connection.echo("hello");
      return !from.direct(to()).isEmpty();
    }
  }

  /** A machine that stood still for a while may have had its grants run out. */
  private static AppConnection openDirectly() throws Exception {
    AppConnection[] open = new AppConnection[1];
    Await.until(
        "a connection without the proxy",
        () -> {
          open[0] = mesh.client().connect(to());
          open[0].echo("before");
          if (mesh.client().direct(to()).isEmpty()) {
            open[0].close();
            return false;
          }
          return true;
        });
    return open[0];
  }

  private boolean works() throws IOException {
    try (AppConnection connection = mesh.client().connect(to())) {
      return connection.echo("may I?").equals("may I?");
    } catch (IOException _) {
      return false;
    }
  }

  private boolean fails() throws IOException {
    return !works();
  }

  private static void deny() throws IOException {
    mesh.apply(
        POLICY,
        """
        apiVersion: policy.culvert.dev/v1alpha1
        kind: AuthorizationPolicy
        metadata: {name: not-the-client, namespace: mesh}
        spec:
          selector: {matchLabels: {app: neighbour}}
          action: DENY
          rules:
          - from:
            - source: {principals: ["cluster.local/ns/mesh/sa/client"]}
        """);
  }

  @Test
  void bothEndsSeeEachOther() throws Exception {
    app.forgetPeers();
    try (AppConnection connection = openDirectly()) {
      assertThat(connection.peer()).isEqualTo(to());
      assertThat(app.nextPeer()).isEqualTo(connection.local());
    }
  }

  @Test
  void accessLogTellsOfBothSidesAtTheEnd() throws Exception {
    InetSocketAddress local;
    try (AppConnection connection = openDirectly()) {
      local = connection.local();
    }
    String source = "src.addr=%s:%d".formatted(local.getHostString(), local.getPort());
    Await.until("two lines of " + source, () -> lines(source, "bytes_sent=6 bytes_recv=6") == 2);
    assertThat(lines(source, "direction=\"outbound\"")).isOne();
    assertThat(lines(source, "src.identity=\"%s\"".formatted(mesh.client().identity())))
        .isEqualTo(2);
  }

  private static long lines(String one, String other) throws IOException {
    return Files.readAllLines(mesh.processes().ztunnelOf(mesh.client()).lab().log()).stream()
        .filter(line -> line.contains(one) && line.contains(other))
        .count();
  }

  @Test
  void anotherPodIsNotLetInByIt() throws Exception {
    deny();
    Await.until("the client is refused", this::fails);
    MeshPod other = mesh.clientWithoutV4();
    InetSocketAddress v6 = new InetSocketAddress(mesh.neighbour().v6(), PORT);
    try (AppConnection connection = other.connect(v6)) {
      assertThat(connection.echo("hello")).isEqualTo("hello");
    }
    assertThat(fails()).isTrue();
  }

  @Test
  void policyEditResetsWhatItForbids() throws Exception {
    try (AppConnection open = openDirectly()) {
      deny();
      assertThat(Endings.of(open)).isNotEmpty();
      assertThat(fails()).isTrue();
      assertThat(mesh.client().direct(to())).isEmpty();
    }
  }

  @Test
  void policyEditThatRacesConnectsLeavesNoneOpen() throws Exception {
    for (int round = 0; round < 5; round++) {
      AtomicBoolean ended = new AtomicBoolean();
      Thread racing = Thread.ofPlatform().start(() -> connectAgainAndAgain(ended));
      deny();
      Await.until("the client is refused", this::fails);
      ended.set(true);
      racing.join();
      Await.until("nothing is open", () -> mesh.client().direct(to()).isEmpty());
      assertThat(fails()).isTrue();
      mesh.withdraw(POLICY);
      Await.until("the pair needs no proxy", () -> isDirectNow(mesh.client()));
    }
  }

  /** Each stays open a little beyond the next. */
  private static void connectAgainAndAgain(AtomicBoolean ended) {
    AppConnection[] open = new AppConnection[64];
    for (int i = 0; !ended.get(); i++) {
      try {
        if (open[i % open.length] != null) {
          open[i % open.length].close();
        }
        open[i % open.length] = mesh.client().connect(to());
      } catch (IOException refused) {
        Thread.onSpinWait();
      }
    }
  }

  @Test
  void policyEditWhileTheAgentIsDown() throws Exception {
    try (AppConnection open = openDirectly()) {
      mesh.processes().agentOf(mesh.client()).kill();
      assertThat(open.echo("still")).isEqualTo("still");
      deny();
      assertThat(Endings.of(open)).isNotEmpty();
      assertThat(fails()).isTrue();
    } finally {
      mesh.processes().agentOf(mesh.client()).start();
      mesh.processes().agentOf(mesh.client()).awaitReady();
    }
    assertThat(fails()).isTrue();
    mesh.withdraw(POLICY);
    Await.until("the pair needs no proxy", () -> isDirectNow(mesh.client()));
  }

  @Test
  void withoutZtunnelNothingNewPassesAndWhatIsOpenEnds() throws Exception {
    try (AppConnection open = openDirectly()) {
      mesh.processes().ztunnelOf(mesh.client()).kill();
      deny();
      Await.until("the client is refused", this::fails);
      assertThat(Endings.of(open)).isNotEmpty();
      assertThat(fails()).isTrue();
    } finally {
      mesh.processes().ztunnelOf(mesh.client()).start();
      mesh.processes().ztunnelOf(mesh.client()).awaitReady();
    }
    assertThat(fails()).isTrue();
  }

  @Test
  void ztunnelThatComesBackJudgesWhatIsOpen() throws Exception {
    mesh.processes().controlPlane().kill(); // the edit is seen only after the restart
    try (AppConnection open = openDirectly()) {
      deny();
      assertThat(open.echo("unseen")).isEqualTo("unseen");
      mesh.processes().controlPlane().start();
      mesh.processes().ztunnelOf(mesh.client()).kill();
      mesh.processes().ztunnelOf(mesh.client()).start();
      assertThat(Endings.of(open)).isNotEmpty();
    } finally {
      mesh.processes().controlPlane().awaitReady();
      mesh.processes().ztunnelOf(mesh.client()).awaitReady();
    }
    assertThat(fails()).isTrue();
  }

  /** The older neither takes pairs back from the newest nor resets what is open. */
  @Test
  void nextZtunnelDecidesAndTheOneBeforeVoidsNothing() throws Exception {
    try (AppConnection open = openDirectly()) {
      MeshProcess before = mesh.processes().ztunnelOf(mesh.client());
      mesh.processes().startNextZtunnel(mesh.client(), Map.of());
      before.awaitLog("a ztunnel that started later decides");
      Await.until("the pair needs no proxy again", () -> isDirectNow(mesh.client()));
      assertThat(before.lab().terminate(Duration.ofSeconds(60))).isZero();
      assertThat(isDirectNow(mesh.client())).isTrue();
      assertThat(open.echo("still")).isEqualTo("still");
      deny();
      assertThat(Endings.of(open)).isNotEmpty();
      assertThat(fails()).isTrue();
    }
  }

  @Test
  void podWhoseLabelIsRemovedHasNoIdentityAnyMore() throws Exception {
    mesh.apply(
        POLICY,
        """
        apiVersion: policy.culvert.dev/v1alpha1
        kind: PeerAuthentication
        metadata: {name: mode, namespace: mesh}
        spec:
          selector: {matchLabels: {app: neighbour}}
          mtls: {mode: STRICT}
        """);
    try (AppConnection open = openDirectly()) {
      mesh.capture(false, mesh.client());
      Await.until("the client is refused", this::fails);
      assertThat(Endings.of(open)).isNotEmpty();
    } finally {
      mesh.capture(true, mesh.client());
    }
    Await.until("the pair needs no proxy", () -> isDirectNow(mesh.client()));
  }
}
