// SPDX-License-Identifier: Apache-2.0
package dev.culvert.tests.scenario;

import static org.assertj.core.api.Assertions.assertThat;

import dev.culvert.tests.app.AppConnection;
import dev.culvert.tests.app.AppServer;
import dev.culvert.tests.app.Pattern;
import dev.culvert.tests.app.Services;
import dev.culvert.tests.hostile.Frame;
import dev.culvert.tests.hostile.HboneServer;
import dev.culvert.tests.hostile.Manner;
import dev.culvert.tests.mesh.Await;
import dev.culvert.tests.mesh.Mesh;
import java.io.IOException;
import java.nio.file.Files;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

/** Which connections share a tunnel, and when another one is dialled. */
abstract class TunnelSharingScenarios extends PlayedServerCase {
  private static final int HBONE = 15008;

  private final Mesh mesh;

  TunnelSharingScenarios(Mesh mesh) {
    super(mesh);
    this.mesh = mesh;
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
    var states = ConfigDump.of(mesh.client()).getAsJsonObject("workloadState");
    return states.entrySet().stream()
        .map(state -> state.getValue().getAsJsonObject())
        .filter(state -> ConfigDump.text(state.getAsJsonObject("info"), "name").equals(pod))
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
      Pattern.send(to, 64L << 20, taken);
    } catch (IOException _) {
      // closed by the test
    }
  }

  private static void closeAll(List<AppConnection> connections) throws IOException {
    for (AppConnection connection : connections) {
      connection.close();
    }
  }
}
