// SPDX-License-Identifier: Apache-2.0
package dev.culvert.waypoint.accept;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;

import dev.culvert.waypoint.peers.Await;
import dev.culvert.waypoint.peers.Backend;
import dev.culvert.waypoint.peers.TestWaypoint;
import dev.culvert.waypoint.peers.Wire;
import dev.culvert.ztunnel.transport.Transport;
import java.io.IOException;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * Bytes that are nearly HTTP, and connections that break off: nothing stays open, nothing stops.
 */
@Timeout(120)
@SuppressWarnings("StringConcatToTextBlock") // CR LF, and no other end of a line
final class HostileBytesTest {
  private static final int ROUNDS = 1500;

  /** Preface, empty SETTINGS, and GET / of shop as stream 1 (RFC 9113; RFC 7541, appendix A). */
  private static final String HTTP2 =
      "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"
          + "\0\0\0\4\0\0\0\0\0"
          + "\0\0\t\1\5\0\0\0\1\u0082\u0086\u0084A\4shop";

  private static final List<String> CORPUS =
      List.of(
          "GET /a HTTP/1.1\r\nHost: shop\r\n\r\nGET /b HTTP/1.1\r\nHost: shop\r\n\r\n",
          "POST /a HTTP/1.1\r\nHost: shop\r\nContent-Length: 5\r\n\r\nhello",
          "POST /a HTTP/1.1\r\nHost: shop\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n",
          "GET / HTTP/1.1\r\nHost: shop\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n",
          HTTP2,
          HTTP2 + "\0\0\4\3\0\0\0\0\1\0\0\0\b");

  private Backend backend;
  private TestWaypoint waypoint;

  @BeforeEach
  void start() throws IOException {
    backend = Backend.echo();
    waypoint =
        TestWaypoint.of(Transport.available().getFirst(), TestWaypoint.plan(backend.address()));
  }

  @AfterEach
  void stop() {
    waypoint.close();
    backend.close();
  }

  @Test
  void nothingStaysOpenAfterMutatedRequests() throws IOException {
    Random random = new Random(11);
    for (int i = 0; i < ROUNDS; i++) {
      byte[] bytes = CORPUS.get(random.nextInt(CORPUS.size())).getBytes(ISO_8859_1);
      for (int changes = random.nextInt(4); changes > 0; changes--) {
        bytes[random.nextInt(bytes.length)] = (byte) random.nextInt(256);
      }
      try (Wire wire = waypoint.connect()) {
        sendTorn(wire, Arrays.copyOf(bytes, 1 + random.nextInt(bytes.length)), random);
        if (random.nextBoolean()) {
          wire.reset();
        }
      }
    }
    Await.until(
        () -> waypoint.exchanges().open() + " exchanges are open",
        () -> waypoint.exchanges().open() == 0);
    Await.until("connections end", () -> waypoint.listener().connections() == 0);
    try (Wire wire = waypoint.connect()) {
      wire.send("GET /after HTTP/1.1\r\nHost: shop\r\n\r\n");
      assertThat(wire.read().body()).isEqualTo("GET /after HTTP/1.1|");
    }
  }

  /** The proxy may close before all of it is there. */
  private static void sendTorn(Wire wire, byte[] bytes, Random random) {
    int cut = random.nextInt(bytes.length + 1);
    try {
      wire.send(Arrays.copyOf(bytes, cut)).send(Arrays.copyOfRange(bytes, cut, bytes.length));
    } catch (IOException closed) {
      assertThat(closed).hasMessageNotContaining("refused");
    }
  }

  @Test
  void requestOfHttp2IsTheSameHoweverItIsCut() throws IOException {
    byte[] bytes = HTTP2.getBytes(ISO_8859_1);
    for (int cut = 1; cut < bytes.length; cut++) {
      try (Wire wire = waypoint.connect()) {
        wire.send(Arrays.copyOf(bytes, cut)).send(Arrays.copyOfRange(bytes, cut, bytes.length));
        assertThat(status(wire)).as("cut at %d", cut).isEqualTo(0x88);
      }
    }
  }

  /** The first byte of the first header block of stream 1: 0x88 is status 200. */
  private static int status(Wire wire) throws IOException {
    while (true) {
      String header = wire.text(9);
      int length = header.charAt(0) << 16 | header.charAt(1) << 8 | header.charAt(2);
      String payload = wire.text(length);
      if (header.charAt(3) == 1 && header.charAt(8) == 1) {
        return payload.charAt(0);
      }
    }
  }
}
