// SPDX-License-Identifier: Apache-2.0
package dev.culvert.tests.scenario;

import static java.util.concurrent.TimeUnit.SECONDS;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.culvert.tests.app.AppConnection;
import dev.culvert.tests.app.AppServer;
import dev.culvert.tests.app.Pattern;
import dev.culvert.tests.app.Services;
import dev.culvert.tests.mesh.Await;
import dev.culvert.tests.mesh.Mesh;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

/**
 * What a byte stream must keep on its way through two proxies: order, ends, breaks, and pressure.
 */
abstract class StreamScenarios {
  private static final long MIB = 1024 * 1024;

  /** What a stream of these scenarios may take, which are done in seconds. */
  private static final int LONG_SECONDS = 60;

  private final Mesh mesh;

  StreamScenarios(Mesh mesh) {
    this.mesh = mesh;
  }

  @Test
  void serverSpeaksFirst() throws Exception {
    try (AppServer _ = mesh.server().serve(8100, Services.greet("220 ready"));
        AppConnection app = mesh.client().connect(mesh.server().at(8100))) {
      assertThat(app.receive(9)).isEqualTo("220 ready");
      assertThat(app.echo("HELO")).isEqualTo("HELO");
    }
  }

  @Test
  void clientEndsItsHalfFirst() throws Exception {
    try (AppServer _ = mesh.server().serve(8101, Services.answerAfterEnd());
        AppConnection app = mesh.client().connect(mesh.server().at(8101))) {
      app.send("question");
      app.finish();
      assertThat(app.receiveAll()).isEqualTo("heard question");
    }
  }

  @Test
  void serverEndsItsHalfFirst() throws Exception {
    var heard = new CompletableFuture<String>();
    try (AppServer _ = mesh.server().serve(8102, Services.listenOnly(heard::complete));
        AppConnection app = mesh.client().connect(mesh.server().at(8102))) {
      assertThat(app.receiveAll()).isEmpty();
      app.send("still talking");
      app.finish();
      assertThat(heard.get()).isEqualTo("still talking");
    }
  }

  @Test
  void bulkBothWaysAtOnce() throws Exception {
    exchange(64 * MIB, 8103);
  }

  @Test
  void bulkBothWaysOnSameNode() throws Exception {
    var atServer = new CompletableFuture<Pattern.Receipt>();
    try (AppServer _ = mesh.neighbour().serve(8104, Services.exchange(64 * MIB, atServer));
        AppConnection app = mesh.client().connect(mesh.neighbour().at(8104))) {
      assertThat(Services.exchangeNow(app, 64 * MIB)).isEqualTo(Pattern.expected(64 * MIB));
      assertThat(atServer.get(LONG_SECONDS, SECONDS)).isEqualTo(Pattern.expected(64 * MIB));
    }
  }

  private void exchange(long bytes, int port) throws Exception {
    var atServer = new CompletableFuture<Pattern.Receipt>();
    try (AppServer _ = mesh.server().serve(port, Services.exchange(bytes, atServer));
        AppConnection app = mesh.client().connect(mesh.server().at(port))) {
      assertThat(Services.exchangeNow(app, bytes)).isEqualTo(Pattern.expected(bytes));
      assertThat(atServer.get(LONG_SECONDS, SECONDS)).isEqualTo(Pattern.expected(bytes));
    }
  }

  /** Everything between the two apps may hold no more than the windows and the sockets' buffers. */
  @Test
  void slowReaderHoldsTheSenderBack() throws Exception {
    long offered = 256 * MIB;
    var gate = new CountDownLatch(1);
    var atServer = new CompletableFuture<Pattern.Receipt>();
    AtomicLong taken = new AtomicLong();
    try (AppServer _ = mesh.server().serve(8105, Services.readWhenOpened(gate, atServer));
        AppConnection app = mesh.client().connect(mesh.server().at(8105))) {
      Thread sender = Thread.ofVirtual().start(() -> sendAll(app, offered, taken));
      Await.until("the sender is held back", new Standstill(taken)::reached);
      assertThat(taken.get()).isLessThan(64 * MIB);
      gate.countDown();
      sender.join();
      assertThat(atServer.get(LONG_SECONDS, SECONDS)).isEqualTo(Pattern.expected(offered));
    }
  }

  private static void sendAll(AppConnection app, long bytes, AtomicLong taken) {
    try {
      Pattern.send(app, bytes, taken);
      app.finish();
    } catch (IOException e) {
      throw new AssertionError("the stream broke", e);
    }
  }

  @Test
  void resetByTheClientReachesTheServer() throws Exception {
    var ended = new CompletableFuture<String>();
    try (AppServer _ =
            mesh.server()
                .serve(
                    8106,
                    connection -> {
                      connection.send("go");
                      ended.complete(Endings.of(connection));
                    });
        AppConnection app = mesh.client().connect(mesh.server().at(8106))) {
      assertThat(app.receive(2)).isEqualTo("go");
      app.reset();
      assertThat(ended.get()).isEqualTo(Endings.RESET);
    }
  }

  @Test
  void resetByTheServerReachesTheClient() throws Exception {
    try (AppServer server = mesh.server().serve(8107, Services.greet("hello"));
        AppConnection app = mesh.client().connect(mesh.server().at(8107))) {
      assertThat(app.receive(5)).isEqualTo("hello");
      server.resetAll();
      assertThat(Endings.of(app)).isEqualTo(Endings.RESET);
    }
  }

  @Test
  void refusedByTheAppIsAFailureForTheClient() {
    assertThatExceptionOfType(IOException.class)
        .isThrownBy(
            () -> {
              try (AppConnection app = mesh.client().connect(mesh.server().at(8108))) {
                app.receiveAll();
              }
            });
  }

  @Test
  void thousandConnectionsAtOnce() throws Exception {
    List<AppConnection> open = new ArrayList<>();
    try (AppServer _ = mesh.server().serve(8109, Services.echo())) {
      for (int i = 0; i < 1000; i++) {
        open.add(mesh.client().connect(mesh.server().at(8109)));
      }
      for (int i = 0; i < open.size(); i++) {
        open.get(i).send("number %04d".formatted(i));
      }
      for (int i = 0; i < open.size(); i++) {
        assertThat(open.get(i).receive(11)).isEqualTo("number %04d".formatted(i));
      }
    } finally {
      for (AppConnection connection : open) {
        connection.close();
      }
    }
  }
}
