// SPDX-License-Identifier: Apache-2.0
package dev.culvert.waypoint.gateway;

import static org.assertj.core.api.Assertions.assertThat;

import dev.culvert.waypoint.peers.Backend;
import dev.culvert.waypoint.peers.Http2Peer;
import dev.culvert.waypoint.peers.Wire;
import java.io.IOException;
import java.nio.file.Path;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Features of HTTPRoute by the text of the specification, named as it names them. */
@Timeout(120)
final class HttpRouteFeaturesTest {
  @TempDir private Path folder;

  private Backend one;
  private Backend two;
  private TestDoor door;

  @BeforeEach
  void start() throws IOException {
    one = Backend.echo();
    two = Backend.echo();
    door = new TestDoor(folder);
  }

  @AfterEach
  void stop() {
    door.close();
    one.close();
    two.close();
  }

  private void open(String... routes) throws IOException {
    door.open(
        TestDoor.service("shop", "one", one),
        TestDoor.service("shop", "two", two),
        String.join("", routes));
  }

  private static String route(String name, String rules) {
    return TestDoor.route("HTTPRoute", name, rules);
  }

  /** Which of the two the request came to; empty for neither. */
  private String taker(String method, String path, String... fields) throws IOException {
    int first = one.requests().size();
    int second = two.requests().size();
    door.ask(method, path, fields);
    return one.requests().size() > first ? "one" : two.requests().size() > second ? "two" : "";
  }

  @Test
  void httpRouteMethodMatching() throws IOException {
    open(
        route(
            "r",
            """
              - matches: [{method: POST}]
                backendRefs: [{name: one, port: 80}]
              - matches: [{method: GET, path: {value: /a}}]
                backendRefs: [{name: two, port: 80}]
            """));
    assertThat(taker("POST", "/", "Content-Length: 0")).isEqualTo("one");
    assertThat(taker("POST", "/a", "Content-Length: 0")).isEqualTo("one");
    assertThat(taker("GET", "/a")).isEqualTo("two");
    assertThat(door.ask("GET", "/").status()).isEqualTo(404);
  }

  @Test
  void httpRouteQueryParamMatching() throws IOException {
    open(
        route(
            "r",
            """
              - matches: [{queryParams: [{name: animal, value: whale}]}]
                backendRefs: [{name: one, port: 80}]
              - matches: [{queryParams: [{name: animal, value: whale}, {name: colour, value: blue}]}]
                backendRefs: [{name: two, port: 80}]
            """));
    assertThat(taker("GET", "/?animal=whale")).isEqualTo("one");
    assertThat(taker("GET", "/?x=y&animal=wh%61le")).isEqualTo("one");
    assertThat(taker("GET", "/?animal=whale&colour=blue")).as("more parameters").isEqualTo("two");
    assertThat(taker("GET", "/?animal=dolphin&animal=whale"))
        .as("the first of several is asked")
        .isEmpty();
    assertThat(door.ask("GET", "/?Animal=whale").status()).isEqualTo(404);
  }

  @Test
  void httpRouteHeaderMatching() throws IOException {
    open(
        route(
            "r",
            """
              - matches: [{headers: [{name: version, value: one}]}, {headers: [{name: colour, value: blue}]}]
                backendRefs: [{name: one, port: 80}]
              - matches: [{headers: [{name: version, value: one}, {name: colour, value: red}]}]
                backendRefs: [{name: two, port: 80}]
            """));
    assertThat(taker("GET", "/", "VERSION: one")).isEqualTo("one");
    assertThat(taker("GET", "/", "Colour: blue")).isEqualTo("one");
    assertThat(taker("GET", "/", "version: one", "colour: red")).isEqualTo("two");
    assertThat(door.ask("GET", "/", "version: One").status()).isEqualTo(404);
  }

  @Test
  void httpRouteMatchingAcrossRoutes() throws IOException {
    open(
        route(
            "first",
            """
              - matches: [{path: {value: /}}, {headers: [{name: version, value: two}]}]
                backendRefs: [{name: one, port: 80}]
            """),
        route(
            "second",
            """
              - matches: [{path: {value: /v2}}, {path: {type: Exact, value: /exact}}]
                backendRefs: [{name: two, port: 80}]
            """));
    assertThat(taker("GET", "/")).isEqualTo("one");
    assertThat(taker("GET", "/v2/x", "version: two")).as("a longer path first").isEqualTo("two");
    assertThat(taker("GET", "/v2x")).isEqualTo("one");
    assertThat(taker("GET", "/exact")).isEqualTo("two");
    assertThat(taker("GET", "/exact/")).isEqualTo("one");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "hostname: other.example | http://other.example:PORT/in/a?b",
        "port: 8443 | http://a.example.com:8443/in/a?b",
        "scheme: https | https://a.example.com/in/a?b",
        "'scheme: http, port: 80' | http://a.example.com/in/a?b",
        "'scheme: https, port: 8443' | https://a.example.com:8443/in/a?b",
        "'path: {type: ReplaceFullPath, replaceFullPath: /full}' | http://a.example.com:PORT/full?b",
        "'path: {type: ReplacePrefixMatch, replacePrefixMatch: /new}' | http://a.example.com:PORT/new/a?b",
        "'path: {type: ReplacePrefixMatch, replacePrefixMatch: /}' | http://a.example.com:PORT/a?b"
      })
  void httpRouteRedirectPartsOfTheAddress(String redirect, String location) throws IOException {
    open(
        route(
            "r",
            """
              - matches: [{path: {value: /in}}]
                filters: [{type: RequestRedirect, requestRedirect: {%s}}]
            """
                .formatted(redirect)));
    Wire.Message answer = door.ask("GET", "/in/a?b");
    assertThat(answer.status()).isEqualTo(302);
    String port = String.valueOf(door.address().getPort());
    assertThat(answer.field("location")).contains(location.replace("PORT", port));
    assertThat(one.requests()).isEmpty();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "'path: {type: ReplaceFullPath, replaceFullPath: /full}' | /full?b | a.example.com",
        "'path: {type: ReplacePrefixMatch, replacePrefixMatch: /new}' | /new/a?b | a.example.com",
        "'path: {type: ReplacePrefixMatch, replacePrefixMatch: /new/}' | /new/a?b | a.example.com",
        "'path: {type: ReplacePrefixMatch, replacePrefixMatch: /}' | /a?b | a.example.com",
        "hostname: inner.local | /in/a?b | inner.local"
      })
  void httpRoutePathAndHostRewrite(String rewrite, String path, String host) throws IOException {
    open(
        route(
            "r",
            """
              - matches: [{path: {value: /in}}]
                filters: [{type: URLRewrite, urlRewrite: {%s}}]
                backendRefs: [{name: one, port: 80}]
            """
                .formatted(rewrite)));
    assertThat(door.ask("GET", "/in/a?b").body()).isEqualTo("GET %s HTTP/1.1|".formatted(path));
    assertThat(one.requests().getFirst().field("host")).contains(host);
  }

  @Test
  void hostThatIsRewrittenIsToldBehindThoseThatWereTold() throws IOException {
    open(
        route(
            "r",
            """
              - matches: [{path: {value: /other}}]
                filters: [{type: URLRewrite, urlRewrite: {hostname: other.org}}]
                backendRefs: [{name: one, port: 80}]
              - filters: [{type: URLRewrite, urlRewrite: {hostname: a.example.com}}]
                backendRefs: [{name: one, port: 80}]
            """));
    door.ask("GET", "/other");
    assertThat(one.requests().getLast().field("x-forwarded-host")).contains("a.example.com");
    door.ask("GET", "/other", "X-Forwarded-Host: first.org");
    assertThat(one.requests().getLast().field("x-forwarded-host"))
        .contains("first.org, a.example.com");
    door.ask("GET", "/same");
    assertThat(one.requests().getLast().field("x-forwarded-host")).isEmpty();
  }

  @Test
  void httpRouteRequestAndResponseHeaderModification() throws IOException {
    open(
        route(
            "r",
            """
              - filters:
                - type: RequestHeaderModifier
                  requestHeaderModifier:
                    set: [{name: x-set, value: new}]
                    add: [{name: x-add, value: more}]
                    remove: [x-gone]
                - type: ResponseHeaderModifier
                  responseHeaderModifier:
                    set: [{name: x-answer, value: "yes"}]
                    remove: [content-language]
                backendRefs: [{name: one, port: 80}]
            """));
    Wire.Message answer =
        door.ask("GET", "/", "X-Set: old", "X-Add: one", "X-Gone: 1", "X-Gone: 2");
    assertThat(answer.field("x-answer")).contains("yes");
    Wire.Message seen = one.requests().getFirst();
    assertThat(seen.fields()).filteredOn(field -> field.startsWith("x-set")).hasSize(1);
    assertThat(seen.field("x-set")).contains("new");
    assertThat(String.join(" ", seen.fields())).contains("one").contains("more");
    assertThat(seen.field("x-gone")).isEmpty();
  }

  @Test
  void httpRouteWeight() throws IOException {
    open(
        route(
            "r",
            """
              - backendRefs:
                - {name: one, port: 80, weight: 3}
                - {name: two, port: 80, weight: 1}
                - {name: nobody, port: 80, weight: 0}
            """));
    try (Wire wire = door.connect()) {
      for (int i = 0; i < 400; i++) {
        wire.send("GET / HTTP/1.1\r\nHost: a.example.com\r\n\r\n");
        assertThat(wire.read().status()).isEqualTo(200);
      }
    }
    // Of 400, 100 ± 9 are expected.
    assertThat(two.requests()).hasSizeBetween(50, 160);
    assertThat(one.requests()).hasSize(400 - two.requests().size());
  }

  @ParameterizedTest
  @CsvSource({"request", "backendRequest"})
  void httpRouteRequestAndBackendTimeout(String kind) throws IOException {
    try (Backend silent =
        Backend.of(
            wire -> {
              wire.read();
              wire.rest();
            })) {
      open(
          TestDoor.service("shop", "silent", silent),
          route(
              "r",
              """
                - timeouts: {%s: 50ms}
                  backendRefs: [{name: silent, port: 80}]
              """
                  .formatted(kind)));
      assertThat(door.ask("GET", "/").status()).isEqualTo(504);
    }
  }

  @Test
  void httpRouteRetry() throws IOException {
    AtomicInteger asked = new AtomicInteger();
    try (Backend flaky =
        Backend.of(
            wire -> {
              while (true) {
                wire.read();
                int status = asked.incrementAndGet() % 3 == 0 ? 200 : 503;
                wire.send("HTTP/1.1 %d X\r\ncontent-length: 0\r\n\r\n".formatted(status));
              }
            })) {
      open(
          TestDoor.service("shop", "flaky", flaky),
          route(
              "r",
              """
                - matches: [{path: {value: /healed}}]
                  retry: {attempts: 2, codes: [503], backoff: 1ms}
                  backendRefs: [{name: flaky, port: 80}]
                - backendRefs: [{name: flaky, port: 80}]
              """));
      assertThat(door.ask("GET", "/healed").status()).isEqualTo(200);
      assertThat(asked.get()).isEqualTo(3);
      assertThat(door.ask("GET", "/").status()).isEqualTo(503);
      assertThat(asked.get()).isEqualTo(4);
    }
  }

  @Test
  void httpRouteBackendProtocolH2C() throws Exception {
    try (Http2Peer http2 = Http2Peer.server()) {
      open(
          TestDoor.service("shop", "h2", http2.address().getPort())
              .replace("[{port: 80}]", "[{port: 80, appProtocol: kubernetes.io/h2c}]"),
          route("r", "  - backendRefs: [{name: h2, port: 80}]\n"));
      try (Wire wire = door.connect()) {
        wire.send("GET /x HTTP/1.1\r\nHost: a.example.com\r\n\r\n");
        Http2Peer.Stream stream = http2.request();
        assertThat(stream.headers().path()).hasToString("/x");
        stream.send(Http2Peer.response(200), false).send("h2", true);
        assertThat(wire.read().body()).isEqualTo("h2");
      }
    }
  }

  @Test
  void httpRouteBackendProtocolWebSocket() throws IOException {
    try (Backend chat =
        Backend.of(
            wire -> {
              assertThat(wire.readHead().field("upgrade")).contains("websocket");
              wire.send(
                  """
                  HTTP/1.1 101 Switching Protocols\r
                  upgrade: websocket\r
                  connection: upgrade\r
                  \r
                  """);
              wire.send("echo " + wire.text(5));
              wire.rest();
            })) {
      open(
          TestDoor.service("shop", "chat", chat)
              .replace("[{port: 80}]", "[{port: 80, appProtocol: kubernetes.io/ws}]"),
          route("r", "  - backendRefs: [{name: chat, port: 80}]\n"));
      try (Wire wire = door.connect()) {
        wire.send(
            """
            GET /chat HTTP/1.1\r
            Host: a.example.com\r
            Connection: Upgrade\r
            Upgrade: websocket\r
            Sec-WebSocket-Key: k\r
            Sec-WebSocket-Version: 13\r
            \r
            """);
        assertThat(wire.readHead().status()).isEqualTo(101);
        wire.send("hello");
        assertThat(wire.text(10)).isEqualTo("echo hello");
      }
    }
  }

  @Test
  void unsupportedProtocolOfABackendTakesItsShareAndAnswers500() throws IOException {
    door.open(
        TestDoor.service("shop", "one", one)
            .replace("ports: [{port: 80}]", "ports: [{port: 80, appProtocol: example.com/x}]"),
        TestDoor.service("shop", "two", two)
            .replace("ports: [{port: 80}]", "ports: [{port: 80, appProtocol: kubernetes.io/ws}]"),
        route(
            "r",
            """
              - matches: [{path: {value: /one}}]
                backendRefs: [{name: one, port: 80}]
              - matches: [{path: {value: /two}}]
                backendRefs: [{name: two, port: 80}, {name: one, port: 80, weight: 0}]
            """),
        TestDoor.route(
            "GRPCRoute",
            "calls",
            """
              - matches: [{method: {service: shop.Cart}}]
                backendRefs: [{name: two, port: 80}]
            """));
    assertThat(door.ask("GET", "/one").status()).isEqualTo(500);
    assertThat(taker("GET", "/two")).isEqualTo("two");
    assertThat(taker("POST", "/shop.Cart/Add", "Content-Length: 0")).isEmpty();
    assertThat(one.requests()).isEmpty();
  }
}
