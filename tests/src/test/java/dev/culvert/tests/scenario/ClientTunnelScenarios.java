// SPDX-License-Identifier: Apache-2.0
package dev.culvert.tests.scenario;

import static org.assertj.core.api.Assertions.assertThat;

import dev.culvert.tests.app.AppConnection;
import dev.culvert.tests.app.AppServer;
import dev.culvert.tests.app.Pattern;
import dev.culvert.tests.app.Services;
import dev.culvert.tests.hostile.Asked;
import dev.culvert.tests.hostile.CertificateAuthority;
import dev.culvert.tests.hostile.Frame;
import dev.culvert.tests.hostile.HboneServer;
import dev.culvert.tests.hostile.Manner;
import dev.culvert.tests.hostile.PeerCertificate;
import dev.culvert.tests.mesh.Await;
import dev.culvert.tests.mesh.Mesh;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * ztunnel as the client of servers that speak HBONE in their own way, each within what is allowed:
 * the test plays a pod that takes tunnels itself.
 */
abstract class ClientTunnelScenarios {
  private static final int MIB = 1 << 20;
  private static final int HBONE = 15008;
  private static final int PORT = 8550;
  private static final int NO_ERROR = 0;
  private static final int INTERNAL_ERROR = 2;
  private static final int CANCEL = 8;

  /** Of a ztunnel on this machine: a quarter of its processors, at least 2. */
  private static final int LOOPS =
      Math.max(2, Math.ceilDiv(Runtime.getRuntime().availableProcessors(), 4));

  private final Mesh mesh;
  private PlayedPod played;

  ClientTunnelScenarios(Mesh mesh) {
    this.mesh = mesh;
  }

  @BeforeEach
  void addPod() throws Exception {
    played = PlayedPod.add(mesh, "played");
  }

  @AfterEach
  void deletePod() throws Exception {
    played.close();
    Await.until("it is forgotten", () -> !played.isKnownAs(played.identity()));
  }

  @Test
  void settingsAreIstiosAndNoNameIsCalled() throws Exception {
    HboneServer server = HboneServer.echo(mesh.authority().issue(played.identity()));
    try (AppServer _ = played.serve(server)) {
      assertThat(echoes()).isTrue();
      Asked asked = server.next();
      assertThat(asked.settings())
          .containsEntry(Frame.INITIAL_WINDOW_SIZE, 4 * MIB)
          .containsEntry(Frame.MAX_FRAME_SIZE, MIB)
          .containsEntry(Frame.ENABLE_PUSH, 0);
      assertThat(asked.serverName()).isEmpty();
      assertThat(asked.alpn()).isEqualTo("h2");
      assertThat(asked.authority()).isEqualTo(played.pod().v4().getHostAddress() + ":" + PORT);
    }
  }

  @Test
  void settingsThatNobodyKnowsAreIgnored() throws Exception {
    served(Manner.plain().withSettings(ServerTunnelScenarios.unusual()));
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "k8s.namespace.name=mesh,service.name=else", "=;,,%zz", "nonsense"})
  void whateverTheAnswerSaysOfWhoAnswered(String baggage) throws Exception {
    served(Manner.plain().withHeader("baggage", baggage));
  }

  @ParameterizedTest
  @CsvSource({"x25519,X25519", "secp256r1,P-256", "secp384r1,P-384"})
  void serverWithOneClassicalGroup(String has, String told) throws Exception {
    served(Manner.plain().withTls(tls -> tls.setNamedGroups(new String[] {has})));
    String destination = " dst.addr=%s:%d ".formatted(played.pod().v4().getHostAddress(), PORT);
    Await.until(
        "the log tells of it",
        () ->
            Files.readAllLines(mesh.client().ztunnelLog()).stream()
                .filter(line -> line.contains(destination))
                .anyMatch(line -> line.contains(" tls.group=\"%s\"".formatted(told))));
  }

  private void served(Manner manner) throws Exception {
    HboneServer server = HboneServer.echo(mesh.authority().issue(played.identity()), manner);
    try (AppServer _ = played.serve(server)) {
      assertThat(echoes()).isTrue();
      assertThat(server.waiting()).isEqualTo(1);
    }
  }

  /** Where to look: at what is trusted, at who listens there, or at what that speaks. */
  @ParameterizedTest
  @ValueSource(strings = {"TLS_FAILURE", "IDENTITY_ERROR", "H2_HANDSHAKE_FAILURE"})
  void flagSaysWhyThereIsNoTunnel(String flag) throws Exception {
    CertificateAuthority authority = mesh.authority();
    CertificateAuthority stranger = CertificateAuthority.stranger(authority.root());
    PeerCertificate own = authority.issue(played.identity());
    HboneServer server =
        switch (flag) {
          case "TLS_FAILURE" -> HboneServer.echo(stranger.issue(played.identity()));
          case "IDENTITY_ERROR" -> HboneServer.echo(authority.issue(mesh.neighbour().identity()));
          default -> HboneServer.echo(own, Manner.plain().withSettings(Useless.PING.frame()));
        };
    Path log = mesh.client().ztunnelLog();
    long before = Files.readAllLines(log).size();
    try (AppServer _ = played.serve(server)) {
      assertThat(echoes()).isFalse();
    }
    String destination = " dst.addr=%s:%d ".formatted(played.pod().v4().getHostAddress(), PORT);
    String told = " response_flags=\"%s\" error=".formatted(flag);
    Await.until(
        "a line with" + told,
        () ->
            Files.readAllLines(log).stream()
                .skip(before)
                .anyMatch(line -> line.contains(destination) && line.contains(told)));
    String counted = "response_flags=\"%s\"".formatted(flag);
    assertThat(mesh.client().askZtunnel(15020, "/metrics").lines())
        .filteredOn(line -> line.startsWith("istio_tcp_connections_failed_total{"))
        .anyMatch(
            line -> line.contains(counted) && line.contains("destination_workload=\"played\""));
  }

  @Test
  void frameOfOneMebibyteIsTaken() throws Exception {
    HboneServer server =
        doing(
            (_, back) -> {
              back.send(new byte[MIB]);
              return HboneServer.echoing(back);
            });
    try (AppServer _ = played.serve(server);
        AppConnection client = mesh.client().connect(played.pod().at(PORT))) {
      assertThat(client.receive(MIB)).isEqualTo("\0".repeat(MIB));
      assertThat(client.echo("and on")).isEqualTo("and on");
    }
  }

  @ParameterizedTest
  @CsvSource({
    NO_ERROR + "," + Endings.FINISHED,
    CANCEL + "," + Endings.FINISHED,
    INTERNAL_ERROR + "," + Endings.RESET
  })
  void streamThatTheServerResets(int code, String ending) throws Exception {
    HboneServer server =
        doing(
            (_, back) -> {
              back.reset(code);
              return HboneServer.echoing(back);
            });
    try (AppServer _ = played.serve(server);
        AppConnection client = mesh.client().connect(played.pod().at(PORT))) {
      assertThat(Endings.of(client)).isEqualTo(ending);
    }
  }

  @Test
  void halfThatTheServerEndsLeavesTheOther() throws Exception {
    var heard = new CompletableFuture<String>();
    HboneServer server =
        doing(
            (_, back) -> {
              back.end();
              return HboneServer.listening(heard::complete);
            });
    try (AppServer _ = played.serve(server);
        AppConnection client = mesh.client().connect(played.pod().at(PORT))) {
      assertThat(Endings.of(client)).isEqualTo(Endings.FINISHED);
      client.send("still talking");
      client.finish();
      assertThat(heard.get()).isEqualTo("still talking");
    }
  }

  private HboneServer doing(HboneServer.Behind behind) throws IOException {
    return HboneServer.with(mesh.authority().issue(played.identity()), behind);
  }

  /** Every stream is the last of its tunnel. */
  private HboneServer leaving() throws IOException {
    return doing(
        (_, back) -> {
          back.goAway();
          return HboneServer.echoing(back);
        });
  }

  @Test
  void serverThatGoesAwayKeepsItsStreamAndGetsNoOther() throws Exception {
    HboneServer server = leaving();
    List<AppConnection> clients = new ArrayList<>();
    try (AppServer _ = played.serve(server)) {
      for (int i = 1; i <= 6; i++) {
        AppConnection client = mesh.client().connect(played.pod().at(PORT));
        clients.add(client);
        assertThat(client.echo("number " + i)).isEqualTo("number " + i);
        assertThat(server.connections()).isEqualTo(i);
      }
      for (AppConnection client : clients) {
        assertThat(client.echo("still here")).isEqualTo("still here");
      }
    } finally {
      closeAll(clients);
    }
  }

  /** All of them wait for the same few handshakes, and are served when these are done. */
  @Test
  void oneDialAtATimeForWhoeverWaits() throws Exception {
    CountDownLatch gate = new CountDownLatch(1);
    HboneServer server =
        HboneServer.echo(mesh.authority().issue(played.identity()), Manner.plain().behind(gate));
    List<AppConnection> clients = new ArrayList<>();
    try (AppServer _ = played.serve(server)) {
      for (int i = 0; i < 60; i++) {
        AppConnection client = mesh.client().connect(played.pod().at(PORT));
        client.send("number %02d".formatted(i));
        clients.add(client);
      }
      Await.until("ztunnel has them all", () -> outboundOf("client") >= 60);
      assertThat(server.connections()).isBetween(1, LOOPS);
      gate.countDown();
      for (int i = 0; i < clients.size(); i++) {
        assertThat(clients.get(i).receive(9)).isEqualTo("number %02d".formatted(i));
      }
      assertThat(server.connections()).isBetween(1, LOOPS);
      assertThat(server.waiting()).isEqualTo(60);
    } finally {
      gate.countDown();
      closeAll(clients);
    }
  }

  private int outboundOf(String pod) throws IOException {
    var states = TelemetryScenarios.dump(mesh.client()).getAsJsonObject("workloadState");
    return states.entrySet().stream()
        .map(state -> state.getValue().getAsJsonObject())
        .filter(state -> TelemetryScenarios.text(state.getAsJsonObject("info"), "name").equals(pod))
        .mapToInt(state -> state.getAsJsonObject("connections").getAsJsonArray("outbound").size())
        .sum();
  }

  /** A peer that says it takes fewer gets them in more tunnels. */
  @Test
  void serverThatTakesFewStreamsGetsThemInMoreTunnels() throws Exception {
    Manner manner = Manner.plain().withSettings(Frame.settings(Frame.MAX_CONCURRENT_STREAMS, 5));
    HboneServer server = HboneServer.echo(mesh.authority().issue(played.identity()), manner);
    List<AppConnection> clients = new ArrayList<>();
    try (AppServer _ = played.serve(server)) {
      for (int i = 0; i < 30; i++) {
        AppConnection client = mesh.client().connect(played.pod().at(PORT));
        clients.add(client);
        assertThat(client.echo("number " + i)).isEqualTo("number " + i);
      }
      assertThat(server.connections()).isBetween(6, 6 + LOOPS);
    } finally {
      closeAll(clients);
    }
  }

  /** The old tunnel stays open all the while: nothing but the identity has changed. */
  @Test
  void tunnelToTheFormerPodOfAnAddressIsNotUsedForItsSuccessor() throws Exception {
    String former = played.identity();
    String successor = former.replace("/sa/played", "/sa/successor");
    HboneServer old = HboneServer.echo(mesh.authority().issue(former));
    try (AppServer _ = played.serve(old);
        AppConnection open = mesh.client().connect(played.pod().at(PORT))) {
      assertThat(open.echo("to the former")).isEqualTo("to the former");
      old.forget();
      played.describe(
          yaml -> yaml.replace("serviceAccountName: played", "serviceAccountName: successor"));
      Await.until("the successor is known", () -> played.isKnownAs(successor));
      assertThat(echoes()).isFalse();
      assertThat(old.waiting()).isZero();
      assertThat(open.echo("still the former")).isEqualTo("still the former");
      String problem =
          "the other side proved to be %s, but %s is expected".formatted(former, successor);
      Await.until(
          "the log names both",
          () -> Files.readString(mesh.client().ztunnelLog()).contains(problem));
    }
    HboneServer next = HboneServer.echo(mesh.authority().issue(successor));
    try (AppServer _ = played.serve(next)) {
      assertThat(echoes()).isTrue();
      assertThat(next.waiting()).isEqualTo(1);
    } finally {
      played.describe();
      Await.until("the former is known again", () -> played.isKnownAs(former));
    }
  }

  /** The server offers to resume each session, as a client that takes it up shows elsewhere. */
  @Test
  void noSessionIsResumed() throws Exception {
    HboneServer server = leaving();
    try (AppServer _ = played.serve(server)) {
      for (int i = 1; i <= 4; i++) {
        assertThat(echoes()).isTrue();
        assertThat(server.connections()).isEqualTo(i);
        assertThat(server.proofs()).isEqualTo(i);
      }
    }
  }

  /**
   * Readers that take nothing fill the window of each tunnel that there is; who comes then must not
   * wait for them.
   */
  @Test
  void bulkThatStandsStillHoldsUpNobodyElse() throws Exception {
    int port = mesh.nextPort();
    int quiet = mesh.nextPort();
    CountDownLatch gate = new CountDownLatch(1);
    AtomicLong taken = new AtomicLong();
    List<AppConnection> bulk = new ArrayList<>();
    try (AppServer _ =
            mesh.server().serve(port, Services.readWhenOpened(gate, new CompletableFuture<>()));
        AppServer _ = mesh.server().serve(quiet, Services.echo())) {
      for (int i = 0; i < 6 * LOOPS; i++) {
        AppConnection one = mesh.client().connect(mesh.server().at(port));
        bulk.add(one);
        Thread.ofVirtual().start(() -> pour(one, taken));
      }
      Await.until("nothing moves any more", new Standstill(taken)::reached);
      for (int i = 0; i < 20; i++) {
        try (AppConnection client = mesh.client().connect(mesh.server().at(quiet))) {
          assertThat(client.echo("let me through")).isEqualTo("let me through");
        }
      }
      assertThat(mesh.client().tunnels(mesh.server().at(HBONE))).isGreaterThan(LOOPS);
    } finally {
      gate.countDown();
      closeAll(bulk);
    }
  }

  private static void pour(AppConnection to, AtomicLong taken) {
    try {
      Pattern.send(to, 64L * MIB, taken);
    } catch (IOException _) {
      // closed by the test
    }
  }

  private boolean echoes() {
    try (AppConnection client = mesh.client().connect(played.pod().at(PORT))) {
      return client.echo("anybody?").equals("anybody?");
    } catch (IOException _) {
      return false;
    }
  }

  private static void closeAll(List<AppConnection> connections) throws IOException {
    for (AppConnection connection : connections) {
      connection.close();
    }
  }
}
