// SPDX-License-Identifier: Apache-2.0
package dev.culvert.waypoint.accept;

import static org.assertj.core.api.Assertions.assertThat;

import dev.culvert.waypoint.peers.Await;
import dev.culvert.waypoint.peers.Backend;
import dev.culvert.waypoint.peers.TestWaypoint;
import dev.culvert.waypoint.peers.Wire;
import dev.culvert.ztunnel.transport.Transport;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

/** Requests that two servers could read in two ways, and floods: refused, and nothing passed on. */
@Timeout(60)
@SuppressWarnings("StringConcatToTextBlock") // CR LF, and no other end of a line
final class HostileRequestsTest {
  private static final String SMUGGLED = "GET /smuggled HTTP/1.1\r\nHost: shop\r\n\r\n";

  private static Backend backend;
  private static TestWaypoint waypoint;

  @BeforeAll
  static void start() throws IOException {
    backend = Backend.echo();
    waypoint =
        TestWaypoint.of(Transport.available().getFirst(), TestWaypoint.plan(backend.address()));
  }

  @AfterAll
  static void stop() throws Exception {
    waypoint.close();
    backend.close();
  }

  private static Arguments of(String what, int status, String bytes) {
    return Arguments.of(what, status, bytes);
  }

  private static String post(String fields, String body) {
    return "POST / HTTP/1.1\r\nHost: shop\r\n" + fields + "\r\n" + body;
  }

  static List<Arguments> corpus() {
    String chunked = "Transfer-Encoding: chunked\r\n";
    return List.of(
        of("CL.TE", 400, post("Content-Length: 6\r\n" + chunked, "0\r\n\r\n" + SMUGGLED)),
        of("TE.CL", 400, post(chunked + "Content-Length: 4\r\n", "5c\r\n" + SMUGGLED)),
        of("TE.TE", 400, post(chunked + "Transfer-Encoding: x\r\n", "0\r\n\r\n" + SMUGGLED)),
        of("TE list", 501, post("Transfer-Encoding: gzip, chunked\r\n", "0\r\n\r\n")),
        of("TE twice", 400, post(chunked + chunked, "0\r\n\r\n")),
        of("TE identity", 400, post("Transfer-Encoding: identity\r\n", SMUGGLED)),
        of("TE xchunked", 400, post("Transfer-Encoding: xchunked\r\n", SMUGGLED)),
        of("TE with a tab", 400, post("Transfer-Encoding:\u000bchunked\r\n", SMUGGLED)),
        of("TE space colon", 400, post("Transfer-Encoding : chunked\r\n", SMUGGLED)),
        of("TE in 1.0", 400, "POST / HTTP/1.0\r\nHost: shop\r\n" + chunked + "\r\n0\r\n\r\n"),
        of("two CL", 400, post("Content-Length: 3\r\nContent-Length: 4\r\n", "abcd")),
        of("the same CL twice", 400, post("Content-Length: 3\r\nContent-Length: 3\r\n", "abc")),
        of("CL list", 400, post("Content-Length: 3, 3\r\n", "abc")),
        of("CL plus", 400, post("Content-Length: +3\r\n", "abc")),
        of("CL minus", 400, post("Content-Length: -3\r\n", "abc")),
        of("CL hex", 400, post("Content-Length: 0x3\r\n", "abc")),
        of("CL space", 400, post("Content-Length: 3 3\r\n", "abc")),
        of("CL empty", 400, post("Content-Length:\r\n", "abc")),
        of("CL huge", 400, post("Content-Length: 99999999999999999999\r\n", "abc")),
        of("CL name with NUL", 400, post("Content-Length\0: 3\r\n", "abc")),
        of("chunk size minus", 400, post(chunked, "-1\r\nabc\r\n0\r\n\r\n")),
        of("chunk size plus", 400, post(chunked, "+3\r\nabc\r\n0\r\n\r\n")),
        of("chunk size prefix", 400, post(chunked, "0x3\r\nabc\r\n0\r\n\r\n")),
        of("chunk size word", 400, post(chunked, "three\r\nabc\r\n0\r\n\r\n")),
        of("chunk size huge", 400, post(chunked, "ffffffffffffffff1\r\nabc\r\n0\r\n\r\n")),
        of("chunk without its end", 400, post(chunked, "3\r\nabcd\r\n0\r\n\r\n")),
        of("chunk extension bare LF", 400, post(chunked, "3;a\nabc\r\n0\r\n\r\n")),
        of("chunk size and a space", 400, post(chunked, "3 \r\nabc\r\n0\r\n\r\n")),
        of("chunk extension bare CR", 400, post(chunked, "3;a\rb\r\nabc\r\n0\r\n\r\n")),
        of("chunk extension long", 400, post(chunked, "3;" + "a".repeat(1100))),
        of("chunk ended by LF", 400, post(chunked, "3\r\nabc\n0\r\n\r\n")),
        of("trailer of two lines", 400, post(chunked, "0\r\nX: a\r\n b\r\n\r\n")),
        of("trailers too long", 431, post(chunked, "0\r\nX: " + "a".repeat(70_000))),
        of("field of two lines", 400, post("X: a\r\n b\r\n", "")),
        of("field before the first one", 400, "GET / HTTP/1.1\r\n X: a\r\nHost: shop\r\n\r\n"),
        of("DEL in a value", 400, post("X: a\u007fb\r\n", "")),
        of("empty lines without end", 400, "\r\n".repeat(20)),
        of("two spaces", 400, "GET  / HTTP/1.1\r\nHost: shop\r\n\r\n"),
        of("space at the end", 400, "GET / HTTP/1.1 \r\nHost: shop\r\n\r\n"),
        of("bare LF in the head", 400, "GET / HTTP/1.1\nHost: shop\n\n"),
        of("bare CR in a value", 400, post("X: a\rb\r\n", "")),
        of("NUL in a value", 400, post("X: a\0b\r\n", "")),
        of("no colon", 400, post("nonsense\r\n", "")),
        of("no name", 400, post(": x\r\n", "")),
        of("space in a name", 400, post("X Y: x\r\n", "")),
        of("no host", 400, "GET / HTTP/1.1\r\n\r\n"),
        of("two hosts", 400, "GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n"),
        of("host with a user", 400, "GET / HTTP/1.1\r\nHost: a@b\r\n\r\n"),
        of("host with a path", 400, "GET / HTTP/1.1\r\nHost: a/b\r\n\r\n"),
        of("host with a space", 400, "GET / HTTP/1.1\r\nHost: a b\r\n\r\n"),
        of("host with a bad port", 400, "GET / HTTP/1.1\r\nHost: a:0x50\r\n\r\n"),
        of("empty host", 400, "GET / HTTP/1.1\r\nHost:\r\n\r\n"),
        of("space in the target", 400, "GET /a b HTTP/1.1\r\nHost: shop\r\n\r\n"),
        of("control in the target", 400, "GET /a\u0001 HTTP/1.1\r\nHost: shop\r\n\r\n"),
        of("encoded slash", 400, "GET /a%2fb HTTP/1.1\r\nHost: shop\r\n\r\n"),
        of("above the root", 400, "GET /../a HTTP/1.1\r\nHost: shop\r\n\r\n"),
        of("fragment", 400, "GET /a#b HTTP/1.1\r\nHost: shop\r\n\r\n"),
        of("tunnel", 501, "CONNECT shop:80 HTTP/1.1\r\nHost: shop:80\r\n\r\n"),
        of("tunnel with a path", 501, "CONNECT / HTTP/1.1\r\nHost: shop\r\n\r\n" + SMUGGLED),
        of("asterisk form", 400, "OPTIONS * HTTP/1.1\r\nHost: shop\r\n\r\n"),
        of("host that is a dot", 400, "GET / HTTP/1.1\r\nHost: .\r\n\r\n"),
        of("no version", 400, "GET /\r\nHost: shop\r\n\r\n"),
        of("another version", 505, "GET / HTTP/3.0\r\nHost: shop\r\n\r\n"),
        of("not HTTP", 400, "\u0016\u0003\u0001\u0002\r\n\r\n"),
        of("method with a bracket", 400, "G[T / HTTP/1.1\r\nHost: shop\r\n\r\n"),
        of("long target", 414, "GET /" + "a".repeat(70_000) + " HTTP/1.1\r\nHost: shop\r\n\r\n"),
        of("long field", 431, post("X: " + "a".repeat(70_000) + "\r\n", "")),
        of("many fields", 431, post("X: 1\r\n".repeat(200), "")));
  }

  @ParameterizedTest(name = "{0} is {1}")
  @MethodSource("corpus")
  void isRefused(String what, int status, String bytes) throws Exception {
    int asked = backend.requests().size();
    try (Wire client = waypoint.connect()) {
      client.send(bytes);
      Wire.Message answer = client.read();
      assertThat(answer.status()).isEqualTo(status);
      assertThat(answer.field("connection")).contains("close");
      assertThat(client.rest()).as("nothing more is answered").isEmpty();
    }
    assertThat(backend.requests()).as("nothing whole was passed on").hasSize(asked);
    Await.until(
        "it is told",
        () ->
            waypoint.told().stream()
                .anyMatch(told -> told.flag().equals("DPE") && !told.details().isEmpty()));
  }

  @Test
  void requestIsTheSameHoweverItIsCut() throws IOException {
    byte[] request =
        ("POST /a%62?x HTTP/1.1\r\nHost: shop\r\nTransfer-Encoding: chunked\r\n\r\n"
                + "3\r\nabc\r\n0\r\nX: y\r\n\r\n"
                + "GET /next HTTP/1.1\r\nHost: shop\r\n\r\n")
            .getBytes(java.nio.charset.StandardCharsets.ISO_8859_1);
    for (int cut = 1; cut < request.length; cut++) {
      try (Wire client = waypoint.connect()) {
        client.send(java.util.Arrays.copyOf(request, cut));
        client.send(java.util.Arrays.copyOfRange(request, cut, request.length));
        assertThat(client.read().body()).as("cut at %d", cut).isEqualTo("POST /ab?x HTTP/1.1|abc");
        assertThat(client.read().body()).as("cut at %d", cut).isEqualTo("GET /next HTTP/1.1|");
      }
    }
  }

  @Test
  void requestSentByteByByteIsTheSame() throws IOException {
    try (Wire client = waypoint.connect()) {
      for (char c : post("Content-Length: 3\r\n", "abc").toCharArray()) {
        client.send(String.valueOf(c));
      }
      assertThat(client.read().body()).isEqualTo("POST / HTTP/1.1|abc");
    }
  }

  @Test
  void emptyLinesBeforeARequestArePassedOver() throws IOException {
    try (Wire client = waypoint.connect()) {
      client.send("\r\n\r\n" + post("Content-Length: 003\r\n", "abc") + "\r\n" + post("", ""));
      assertThat(client.read().body()).isEqualTo("POST / HTTP/1.1|abc");
      assertThat(client.read().body()).isEqualTo("POST / HTTP/1.1|");
    }
  }

  @Test
  void absoluteFormIsTheSameRequest() throws IOException {
    try (Wire client = waypoint.connect()) {
      client.send("GET http://other:8080?q HTTP/1.1\r\nHost: shop\r\n\r\n");
      assertThat(client.read().body()).isEqualTo("GET /?q HTTP/1.1|");
    }
    assertThat(backend.requests().getLast().field("host")).contains("other:8080");
  }

  /** Servers are known to take off the dot, after which other rules would be theirs. */
  @ParameterizedTest
  @CsvSource({"shop., shop", "shop.:8080, shop:8080"})
  void nameWithTheDotOfTheRootIsTheSame(String host, String same) throws IOException {
    try (Wire client = waypoint.connect()) {
      client.send("GET / HTTP/1.1\r\nHost: " + host + "\r\n\r\n");
      assertThat(client.read().status()).isEqualTo(200);
    }
    assertThat(backend.requests().getLast().field("host")).contains(same);
  }

  @Test
  void headThatDoesNotEndIsClosed() throws Exception {
    AcceptSettings standard = AcceptSettings.STANDARD;
    AcceptSettings quick =
        new AcceptSettings(
            standard.maxHeadBytes(),
            standard.maxHeaders(),
            Duration.ofMillis(50),
            standard.keepAlive(),
            standard.streamIdle(),
            standard.maxStreams(),
            standard.streamWindow());
    try (TestWaypoint impatient =
            TestWaypoint.of(
                Transport.available().getFirst(), quick, TestWaypoint.plan(backend.address()));
        Wire slow = impatient.connect();
        Wire silent = impatient.connect()) {
      slow.send("GET / HTTP/1.1\r\nHost:");
      assertThat(slow.isEnded()).isTrue();
      assertThat(silent.isEnded()).isTrue();
    }
  }
}
