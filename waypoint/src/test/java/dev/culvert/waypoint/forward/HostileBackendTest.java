// SPDX-License-Identifier: Apache-2.0
package dev.culvert.waypoint.forward;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;

import dev.culvert.waypoint.peers.Await;
import dev.culvert.waypoint.peers.Backend;
import dev.culvert.waypoint.peers.TestWaypoint;
import dev.culvert.waypoint.peers.Wire;
import dev.culvert.waypoint.plan.Protocol;
import dev.culvert.waypoint.plan.Retries;
import dev.culvert.waypoint.plan.Timeouts;
import dev.culvert.ztunnel.transport.Transport;
import java.io.IOException;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * Backends whose responses are torn, or nearly HTTP: each client gets an end, nothing stays open,
 * nothing stops.
 */
@Timeout(180)
@SuppressWarnings("StringConcatToTextBlock") // CR LF, and no other end of a line
final class HostileBackendTest {
  private static final int ROUNDS = 400;

  private static final String WHOLE1 =
      "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\nX: y\r\n\r\n";

  private static final List<String> HTTP1 =
      List.of(
          WHOLE1,
          "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello",
          "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 204 No Content\r\n\r\n",
          "HTTP/1.1 101 Switching Protocols\r\nConnection: upgrade\r\nUpgrade: websocket\r\n\r\na",
          "HTTP/1.1 200 OK\r\n\r\nhello");

  /** SETTINGS and the acknowledgement of ours (RFC 9113, section 6.5). */
  private static final String SETTINGS = "\0\0\0\4\0\0\0\0\0\0\0\0\4\1\0\0\0\0";

  /** 200 and a body on stream 3, which is the first that is opened: 1 is left to an upgrade. */
  private static final String WHOLE2 =
      SETTINGS + "\0\0\1\1\4\0\0\0\3\u0088" + "\0\0\5\0\1\0\0\0\3hello";

  private static final List<String> HTTP2 =
      List.of(
          WHOLE2,
          SETTINGS + "\0\0\1\1\5\0\0\0\3\u0088",
          SETTINGS + "\0\0\1\1\4\0\0\0\3\u0088\0\0\5\0\0\0\0\0\3hello\0\0\1\1\5\0\0\0\3\u0090",
          SETTINGS + "\0\0\5\0\1\0\0\0\3hello",
          SETTINGS + "\0\0\5\1\5\0\0\0\3\u0008\003100",
          SETTINGS + "\0\0\4\3\0\0\0\0\3\0\0\0\7",
          SETTINGS + "\0\0\u0008\7\0\0\0\0\0\0\0\0\0\0\0\0\0",
          SETTINGS + "\0\0\u0008\6\0\0\0\0\0abcdefgh\0\0\4\u0008\0\0\0\0\0\0\1\0\0");

  private final AtomicInteger turn = new AtomicInteger();
  private Backend backend;
  private TestWaypoint waypoint;

  private void start(Protocol protocol, Backend.Script script) throws IOException {
    backend = Backend.of(script);
    waypoint =
        TestWaypoint.of(
            Transport.available().getFirst(),
            TestWaypoint.plan(Timeouts.NONE, Retries.STANDARD, protocol, backend.address()));
  }

  @AfterEach
  void stop() {
    waypoint.close();
    backend.close();
  }

  private static List<String> corpus(Protocol protocol) {
    return protocol == Protocol.HTTP1 ? HTTP1 : HTTP2;
  }

  /** Waits for the head of a request of either version. */
  private static void awaitRequest(Protocol protocol, Wire wire) throws IOException {
    if (protocol == Protocol.HTTP1) {
      wire.readHead();
      return;
    }
    wire.text(24);
    String frame = wire.text(9);
    while (frame.charAt(3) != 1) {
      wire.text(frame.charAt(0) << 16 | frame.charAt(1) << 8 | frame.charAt(2));
      frame = wire.text(9);
    }
  }

  private static byte[] mutated(List<String> corpus, Random random) {
    byte[] bytes = corpus.get(random.nextInt(corpus.size())).getBytes(ISO_8859_1);
    for (int changes = random.nextInt(4); changes > 0; changes--) {
      bytes[random.nextInt(bytes.length)] = (byte) random.nextInt(256);
    }
    return Arrays.copyOf(bytes, 1 + random.nextInt(bytes.length));
  }

  private String ask() throws IOException {
    try (Wire wire = waypoint.connect()) {
      wire.send(
          "GET / HTTP/1.1\r\nHost: shop\r\nConnection: close, upgrade\r\nUpgrade: websocket\r\n"
              + "Sec-WebSocket-Key: k\r\n\r\n");
      return wire.rest();
    }
  }

  @ParameterizedTest
  @EnumSource(names = {"HTTP1", "HTTP2"})
  void mutatedResponsesEnd(Protocol protocol) throws IOException {
    start(
        protocol,
        wire -> {
          awaitRequest(protocol, wire);
          Random random = new Random(turn.incrementAndGet());
          byte[] bytes = mutated(corpus(protocol), random);
          int cut = random.nextInt(bytes.length + 1);
          wire.send(Arrays.copyOf(bytes, cut)).send(Arrays.copyOfRange(bytes, cut, bytes.length));
          if (random.nextInt(4) == 0) {
            wire.reset();
          }
        });
    for (int i = 0; i < ROUNDS; i++) {
      assertThat(ask()).as("something is answered").startsWith("HTTP/1.1 ");
    }
    Await.until("no exchange is open", () -> waypoint.exchanges().open() == 0);
    Await.until("connections to clients end", () -> waypoint.listener().connections() == 0);
    Await.until("connections to backends end", () -> waypoint.backendConnections() == 0);
  }

  @ParameterizedTest
  @EnumSource(names = {"HTTP1", "HTTP2"})
  void responseIsTheSameHoweverItIsCut(Protocol protocol) throws IOException {
    byte[] whole = (protocol == Protocol.HTTP1 ? WHOLE1 : WHOLE2).getBytes(ISO_8859_1);
    start(
        protocol,
        wire -> {
          awaitRequest(protocol, wire);
          int cut = turn.get();
          wire.send(Arrays.copyOf(whole, cut)).send(Arrays.copyOfRange(whole, cut, whole.length));
          wire.rest();
        });
    for (int cut = 1; cut < whole.length; cut++) {
      turn.set(cut);
      try (Wire wire = waypoint.connect()) {
        wire.send("GET / HTTP/1.1\r\nHost: shop\r\nConnection: close\r\n\r\n");
        Wire.Message answer = wire.read();
        assertThat(answer.status()).as("cut at %d: %s", cut, waypoint.told()).isEqualTo(200);
        assertThat(answer.body()).as("cut at %d", cut).isEqualTo("hello");
      }
      waypoint.backendsLeave();
    }
  }

  @ParameterizedTest
  @EnumSource(names = {"HTTP1", "HTTP2"})
  void backendThatAnswersBeforeItIsAsked(Protocol protocol) throws IOException {
    start(protocol, wire -> wire.send(protocol == Protocol.HTTP1 ? WHOLE1 : WHOLE2).rest());
    for (int i = 0; i < 100; i++) {
      assertThat(ask()).as("something is answered").startsWith("HTTP/1.1 ");
      waypoint.backendsLeave();
    }
    Await.until("no exchange is open", () -> waypoint.exchanges().open() == 0);
  }
}
