// SPDX-License-Identifier: Apache-2.0
package dev.culvert.waypoint.http;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What bytes of HTTP/1 mean, however they are cut (RFC 9112). */
@SuppressWarnings("StringConcatToTextBlock") // CR LF, and no other end of a line
final class Http1InputTest {
  private static final String CHUNKED = "POST / HTTP/1.1\r\ntransfer-encoding: chunked\r\n\r\n";

  private static ByteBuf bytes(String text) {
    return Unpooled.copiedBuffer(text, ISO_8859_1);
  }

  private static String told(boolean client, String text) {
    try (ToldMessages told = new ToldMessages(client)) {
      told.input.read(bytes(text));
      return told.toString();
    }
  }

  @Test
  void messagesAreTheSameHoweverTheyAreCut() {
    String text =
        "\r\nPOST /a HTTP/1.1\r\nContent-Length: 5\r\nX:\t a b \r\n\r\nhello"
            + CHUNKED
            + "3;x=y\r\nabc\r\n0A\r\n0123456789\r\n0\r\nT: u\r\n\r\n"
            + "GET / HTTP/1.1\r\n\r\n";
    byte[] all = text.getBytes(ISO_8859_1);
    for (int cut = 0; cut <= all.length; cut++) {
      try (ToldMessages told = new ToldMessages(true)) {
        told.resuming = true;
        told.input.read(Unpooled.copiedBuffer(all, 0, cut));
        told.input.read(Unpooled.copiedBuffer(all, cut, all.length - cut));
        assertThat(told.toString())
            .as("cut at %d", cut)
            .isEqualTo(
                "[POST /a HTTP/1.1 Content-Length=5 X=a b](hello)."
                    + "[POST / HTTP/1.1 transfer-encoding=chunked](abc0123456789).T=u"
                    + "[GET / HTTP/1.1]().");
        assertThat(told.input.isMidway()).isFalse();
      }
    }
  }

  @Test
  void nextRequestWaitsUntilItIsAskedFor() {
    try (ToldMessages told = new ToldMessages(true)) {
      told.input.read(bytes("GET /a HTTP/1.1\r\n\r\nGET /b HTTP/1.1\r\n\r\n"));
      assertThat(told).hasToString("[GET /a HTTP/1.1]().");
      assertThat(told.input.holdsMore()).isTrue();
      told.input.resume();
      assertThat(told).hasToString("[GET /a HTTP/1.1]().[GET /b HTTP/1.1]().;");
      told.input.resume();
      assertThat(told)
          .as("nothing is there")
          .hasToString("[GET /a HTTP/1.1]().[GET /b HTTP/1.1]().;");
    }
  }

  @Test
  void whatFollowsAHeadIsBytesOnceItIsSaid() {
    try (ToldMessages told = new ToldMessages(true)) {
      told.input.read(bytes("GET / HTTP/1.1\r\n\r\nGET /b"));
      told.input.speakBytes();
      told.input.read(bytes(" HTTP/1.1\r\n\r\n"));
      told.input.end();
      assertThat(told).hasToString("[GET / HTTP/1.1]().GET /b; HTTP/1.1\r\n\r\n.");
    }
  }

  @Test
  void nothingIsReadAfterAStopFromWithin() {
    try (ToldMessages told = new ToldMessages(true)) {
      told.stopping = true;
      told.resuming = true;
      told.input.read(bytes(CHUNKED + "3\r\nabc\r\n0\r\n\r\n"));
      assertThat(told).hasToString("[POST / HTTP/1.1 transfer-encoding=chunked](");
      assertThat(told.input.holdsMore()).isFalse();
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "GET / HTTP/1.1\nX: y\r\n\r\n",
        "GET / HTTP/1.1\r\nX : y\r\n\r\n",
        "GET / HTTP/1.1\r\nX: y\r\n z\r\n\r\n",
        "GET / HTTP/1.1\r\nX: y\rz\r\n\r\n",
        "GET / HTTP/1.1\r\nX: y\0z\r\n\r\n",
        "GET / HTTP/1.1\r\nX\u00e9: y\r\n\r\n",
        "GET / HTTP/1.1\r\n\rX: y\r\n\r\n",
        "GET / HTTP/1.1\r\nX\r\n\r\n",
        "GET / HTTP/1.1\r\n: y\r\n\r\n",
        "GET / HTTP/1.1\r\nX: y\r\n\n",
        "\rGET / HTTP/1.1\r\n\r\n",
        "\nGET / HTTP/1.1\r\n\r\n"
      })
  void whatServersReadInTwoWaysIsNotTakenOfClients(String head) {
    assertThat(told(true, head)).startsWith("!400 ");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "HTTP/1.1 200 OK\nX: y z\n\n",
        "HTTP/1.1 200 OK\r\nX : y z\r\n\r\n",
        "\r\nHTTP/1.1 200 OK\r\nX: y z\r\n\r\n"
      })
  void serversMayBeLax(String head) {
    assertThat(told(false, head)).isEqualTo("[HTTP/1.1 200 OK X=y z]().");
  }

  @Test
  void valueOfSeveralLinesOfAServerBecomesOneLine() {
    assertThat(told(false, "HTTP/1.1 200 OK\r\nX: y\r\n\tz\r\n \r\nA: b\r\n\r\n"))
        .isEqualTo("[HTTP/1.1 200 OK X=y  \tz A=b]().");
  }

  @ParameterizedTest
  @ValueSource(strings = {"-1", "+1", "0x1", "1 ", "", ";", "g", "1x", "1;\0", "1000000000000000"})
  void chunkSizeThatIsNone(String size) {
    assertThat(told(true, CHUNKED + size + "\r\n"))
        .endsWith("](!400 a chunk whose size is no number");
  }

  @Test
  void headIsBounded() {
    String long1 = "a".repeat(ToldMessages.MOST + 1);
    assertThat(told(true, "GET /" + long1)).startsWith("!414 ");
    assertThat(told(true, "GET / HTTP/1.1\r\nX: " + long1)).startsWith("!431 ");
    assertThat(told(true, "GET / HTTP/1.1\r\n" + "X: y\r\n".repeat(11) + "\r\n"))
        .startsWith("!431 ");
    assertThat(told(true, CHUNKED + "0\r\nX: " + long1)).contains("](!431 ");
    assertThat(told(true, CHUNKED + "1;" + long1)).contains("!400 the line of a chunk");
  }

  @Test
  void headByteByByteIsBoundedToo() {
    byte[] endless = new byte[ToldMessages.MOST * 2];
    Arrays.fill(endless, (byte) 'a');
    try (ToldMessages told = new ToldMessages(true)) {
      for (byte one : endless) {
        told.input.read(Unpooled.copiedBuffer(new byte[] {one}));
      }
      assertThat(told.toString()).startsWith("!414 ");
      assertThat(told.input.holdsMore()).isFalse();
    }
  }
}
