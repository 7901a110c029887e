// SPDX-License-Identifier: Apache-2.0
package dev.culvert.tests.scenario;

import static org.assertj.core.api.Assertions.assertThat;

import dev.culvert.tests.app.AppConnection;
import dev.culvert.tests.app.AppServer;
import dev.culvert.tests.hostile.Asked;
import dev.culvert.tests.hostile.CertificateAuthority;
import dev.culvert.tests.hostile.Frame;
import dev.culvert.tests.hostile.HboneServer;
import dev.culvert.tests.hostile.Manner;
import dev.culvert.tests.hostile.PeerCertificate;
import dev.culvert.tests.mesh.Await;
import dev.culvert.tests.mesh.Mesh;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * ztunnel as the client of servers that speak HBONE in their own way, each within what is allowed.
 */
abstract class ClientTunnelScenarios extends PlayedServerCase {
  private static final int MIB = 1 << 20;
  private static final int NO_ERROR = 0;
  private static final int INTERNAL_ERROR = 2;
  private static final int CANCEL = 8;

  private final Mesh mesh;

  ClientTunnelScenarios(Mesh mesh) {
    super(mesh);
    this.mesh = mesh;
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
      assertThat(asked.authority()).isEqualTo(played.pod().hostPort(PORT));
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
}
