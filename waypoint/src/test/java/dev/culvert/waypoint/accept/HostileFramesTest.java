// SPDX-License-Identifier: Apache-2.0
package dev.culvert.waypoint.accept;

import static org.assertj.core.api.Assertions.assertThat;

import dev.culvert.waypoint.peers.Await;
import dev.culvert.waypoint.peers.Backend;
import dev.culvert.waypoint.peers.TestWaypoint;
import dev.culvert.waypoint.peers.Wire;
import dev.culvert.ztunnel.transport.Transport;
import java.io.EOFException;
import java.io.IOException;
import java.net.SocketException;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Frames that HTTP/2 forbids, and floods of those that it allows: the connection ends. */
@Timeout(60)
final class HostileFramesTest {
  private static final int DATA = 0;
  private static final int HEADERS = 1;
  private static final int RST_STREAM = 3;
  private static final int SETTINGS = 4;
  private static final int PUSH_PROMISE = 5;
  private static final int PING = 6;
  private static final int GOAWAY = 7;
  private static final int WINDOW_UPDATE = 8;
  private static final int CONTINUATION = 9;

  private static final int END_STREAM = 1;
  private static final int ACK = 1;
  private static final int END_HEADERS = 4;

  private static final int PROTOCOL_ERROR = 1;
  private static final int FLOW_CONTROL_ERROR = 3;
  private static final int FRAME_SIZE_ERROR = 6;
  private static final int COMPRESSION_ERROR = 9;
  private static final int ENHANCE_YOUR_CALM = 11;

  private static final String PREFACE =
      "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n" + frame(SETTINGS, 0, 0, "");

  /** GET / of shop by HTTP, and the same as POST (RFC 7541, appendix A). */
  private static final String GET = "\u0082\u0086\u0084A\4shop";

  private static final String POST = "\u0083\u0086\u0084A\4shop";

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

  private static String frame(int type, int flags, int stream, String payload) {
    int length = payload.length();
    return new String(
            new char[] {
              (char) (length >> 16),
              (char) (length >> 8 & 255),
              (char) (length & 255),
              (char) type,
              (char) flags,
              (char) (stream >>> 24),
              (char) (stream >> 16 & 255),
              (char) (stream >> 8 & 255),
              (char) (stream & 255)
            })
        + payload;
  }

  private static String get(int stream) {
    return frame(HEADERS, END_HEADERS | END_STREAM, stream, GET);
  }

  private static String post(int stream) {
    return frame(HEADERS, END_HEADERS, stream, POST);
  }

  static List<Arguments> corpus() {
    String most = "\u007f\u00ff\u00ff\u00ff";
    return List.of(
        of("frame too long", FRAME_SIZE_ERROR, post(1) + frame(DATA, 0, 1, "x".repeat(16_385))),
        of("HEADERS of no stream", PROTOCOL_ERROR, get(0)),
        of("HEADERS of a server's stream", PROTOCOL_ERROR, get(2)),
        of("HEADERS that depend on themselves", PROTOCOL_ERROR, itself()),
        of("DATA of no stream", PROTOCOL_ERROR, frame(DATA, 0, 0, "x")),
        of("DATA of an idle stream", PROTOCOL_ERROR, frame(DATA, 0, 1, "x")),
        of(
            "DATA padded by more than it is",
            PROTOCOL_ERROR,
            post(1) + frame(DATA, 8, 1, "\u0009x")),
        of("RST_STREAM of an idle stream", PROTOCOL_ERROR, frame(RST_STREAM, 0, 1, "\0\0\0\0")),
        of("RST_STREAM of three bytes", FRAME_SIZE_ERROR, post(1) + frame(RST_STREAM, 0, 1, "abc")),
        of("SETTINGS acknowledged with some", FRAME_SIZE_ERROR, frame(SETTINGS, ACK, 0, "abcdef")),
        of("SETTINGS of five bytes", FRAME_SIZE_ERROR, frame(SETTINGS, 0, 0, "abcde")),
        of("SETTINGS of a window too large", FLOW_CONTROL_ERROR, setting(4, "\u0080\0\0\0")),
        of("SETTINGS of frames too small", PROTOCOL_ERROR, setting(5, "\0\0\0\1")),
        of(
            "PUSH_PROMISE",
            PROTOCOL_ERROR,
            get(1) + frame(PUSH_PROMISE, END_HEADERS, 1, "\0\0\0\2")),
        of("PING of seven bytes", FRAME_SIZE_ERROR, frame(PING, 0, 0, "abcdefg")),
        of("PING of a stream", PROTOCOL_ERROR, post(1) + frame(PING, 0, 1, "abcdefgh")),
        of("WINDOW_UPDATE of nothing", PROTOCOL_ERROR, frame(WINDOW_UPDATE, 0, 0, "\0\0\0\0")),
        of("window above the most", FLOW_CONTROL_ERROR, frame(WINDOW_UPDATE, 0, 0, most)),
        of("CONTINUATION of nothing", PROTOCOL_ERROR, frame(CONTINUATION, END_HEADERS, 1, GET)),
        of("HEADERS interrupted", PROTOCOL_ERROR, begun() + frame(PING, 0, 0, "abcdefgh")),
        of("HEADERS continued elsewhere", PROTOCOL_ERROR, begun() + frame(CONTINUATION, 4, 3, "")),
        of("no field block", COMPRESSION_ERROR, frame(HEADERS, END_HEADERS, 1, "\u00ff\u00ff\1")),
        of("flood of resets", ENHANCE_YOUR_CALM, resets()),
        of("flood of CONTINUATION", ENHANCE_YOUR_CALM, begun() + frame(9, 0, 1, "").repeat(5_000)),
        of("flood of DATA", ENHANCE_YOUR_CALM, post(1) + frame(DATA, 0, 1, "").repeat(5_000)));
  }

  private static Arguments of(String what, int code, String frames) {
    return Arguments.of(what, code, frames);
  }

  private static String begun() {
    return frame(HEADERS, END_STREAM, 1, GET);
  }

  private static String itself() {
    return frame(HEADERS, END_HEADERS | 0x20, 1, "\0\0\0\1\u0010" + GET);
  }

  private static String setting(int id, String value) {
    return frame(SETTINGS, 0, 0, "\0" + (char) id + value);
  }

  private static String resets() {
    StringBuilder all = new StringBuilder();
    for (int stream = 1; stream < 4_000; stream += 2) {
      all.append(get(stream)).append(frame(RST_STREAM, 0, stream, "\0\0\0\u0008"));
    }
    return all.toString();
  }

  @ParameterizedTest(name = "{0} is error {1}")
  @MethodSource("corpus")
  void connectionEnds(String what, int code, String frames) throws IOException {
    try (Wire wire = waypoint.connect()) {
      send(wire, PREFACE + frames);
      assertThat(error(wire)).isEqualTo(code);
    }
    nothingIsLeft();
  }

  /** The proxy may close before all of it is there. */
  private static void send(Wire wire, String frames) {
    try {
      wire.send(frames);
    } catch (IOException closed) {
      assertThat(closed).hasMessageNotContaining("refused");
    }
  }

  /** The code that the connection, or else a stream, ends by. */
  private static int error(Wire wire) throws IOException {
    int ofStream = -1;
    try {
      while (true) {
        String header = wire.text(9);
        String payload =
            wire.text(header.charAt(0) << 16 | header.charAt(1) << 8 | header.charAt(2));
        if (header.charAt(3) == GOAWAY) {
          return payload.charAt(7);
        }
        if (header.charAt(3) == RST_STREAM) {
          ofStream = payload.charAt(3);
        }
      }
    } catch (EOFException | SocketException e) {
      return ofStream;
    }
  }

  private void nothingIsLeft() throws IOException {
    Await.until("no exchange is open", () -> waypoint.exchanges().open() == 0);
    Await.until("connections end", () -> waypoint.listener().connections() == 0);
    try (Wire wire = waypoint.connect()) {
      wire.send("GET /after HTTP/1.1\r\nHost: shop\r\n\r\n");
      assertThat(wire.read().body()).isEqualTo("GET /after HTTP/1.1|");
    }
  }

  /** 63 KiB, which are more than a head may have, and ten megabytes. */
  @ParameterizedTest
  @ValueSource(ints = {31, 5_000})
  void requestOfMoreFieldsThanItLooksIsRefusedAlone(int times) throws IOException {
    try (Wire wire = waypoint.connect()) {
      send(wire, PREFACE + large(times));
      assertThat(isOk(wire)).isFalse();
      send(wire, get(3));
      assertThat(isOk(wire)).as("the connection goes on").isTrue();
    }
    assertThat(backend.requests()).hasSize(1);
  }

  /** Two thousand bytes in the table, told so many times. */
  private static String large(int times) {
    String entry = "@\1x\u007f\u00d1\u000e" + "a".repeat(2_000);
    return frame(HEADERS, END_HEADERS | END_STREAM, 1, GET + entry + "\u00be".repeat(times - 1));
  }

  /** Whether the next response has status 200. */
  private static boolean isOk(Wire wire) throws IOException {
    while (true) {
      String header = wire.text(9);
      String payload = wire.text(header.charAt(0) << 16 | header.charAt(1) << 8 | header.charAt(2));
      if (header.charAt(3) == HEADERS) {
        return payload.charAt(0) == 0x88;
      }
    }
  }
}
