// SPDX-License-Identifier: Apache-2.0
package dev.culvert.waypoint.gateway;

import static org.assertj.core.api.Assertions.assertThat;

import dev.culvert.waypoint.peers.Await;
import dev.culvert.waypoint.peers.Backend;
import dev.culvert.waypoint.peers.Wire;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Features of Gateway API routes, each by the text of the specification. */
@Timeout(120)
final class RouteFeaturesTest {
  @TempDir private Path folder;

  private TestDoor door;
  private Backend one;
  private Backend two;

  @BeforeEach
  void start() throws IOException {
    door = new TestDoor(folder);
    one = Backend.echo();
    two = Backend.echo();
  }

  @AfterEach
  void stop() {
    door.close();
    one.close();
    two.close();
  }

  private String services() {
    return TestDoor.service("shop", "one", one) + TestDoor.service("shop", "two", two);
  }

  @Test
  void httpRouteRequestMirror() throws IOException {
    door.open(
        services(),
        TestDoor.route(
            "HTTPRoute",
            "mirrored",
            """
              - filters: [{type: RequestMirror, requestMirror: {backendRef: {name: two, port: 80}}}]
                backendRefs: [{name: one, port: 80}]
            """));
    try (Wire wire = door.connect()) {
      wire.send("POST /a?b HTTP/1.1\r\nHost: a.example.com\r\nContent-Length: 5\r\n\r\nhello");
      assertThat(wire.read().body()).isEqualTo("POST /a?b HTTP/1.1|hello");
    }
    Await.until("the copy came", () -> two.requests().size() == 1);
    assertThat(two.requests().getFirst().line()).isEqualTo("POST /a?b HTTP/1.1");
    assertThat(two.requests().getFirst().body()).isEqualTo("hello");
    assertThat(one.requests()).hasSize(1);
  }

  /** Nobody would end the copy's connection, and its answers could not be dropped as HTTP. */
  @Test
  void webSocketIsNotMirrored() throws IOException {
    Backend chat =
        Backend.of(
            wire -> {
              wire.readHead();
              wire.send(
                  "HTTP/1.1 101 Switching\r\nupgrade: websocket\r\nconnection: upgrade\r\n\r\n");
              wire.send(wire.text(2));
            });
    try (chat) {
      door.open(
          services(),
          TestDoor.service("shop", "chat", chat),
          TestDoor.route(
              "HTTPRoute",
              "mirrored",
              """
                - filters:
                  - {type: RequestMirror, requestMirror: {backendRef: {name: two, port: 80}}}
                  backendRefs: [{name: chat, port: 80}]
              """));
      try (Wire wire = door.connect()) {
        wire.send(
            "GET / HTTP/1.1\r\nHost: a.example.com\r\nConnection: Upgrade\r\n"
                + "Upgrade: websocket\r\nSec-WebSocket-Key: k\r\n\r\nhi");
        assertThat(wire.readHead().status()).isEqualTo(101);
        assertThat(wire.text(2)).isEqualTo("hi");
      }
    }
    assertThat(two.connections()).isZero();
  }

  @Test
  void httpRouteRequestMultipleMirrorsOfWhichOneIsDown() throws IOException {
    Backend down = Backend.echo();
    down.close();
    door.open(
        services(),
        TestDoor.service("shop", "down", down),
        TestDoor.route(
            "HTTPRoute",
            "mirrored",
            """
              - filters:
                - {type: RequestMirror, requestMirror: {backendRef: {name: down, port: 80}}}
                - {type: RequestMirror, requestMirror: {backendRef: {name: two, port: 80}}}
                backendRefs: [{name: one, port: 80}]
            """));
    assertThat(door.ask("GET", "/").status()).isEqualTo(200);
    Await.until("the copy came", () -> two.requests().size() == 1);
  }

  @Test
  void httpRouteRequestPercentageMirror() throws IOException {
    door.open(
        services(),
        TestDoor.route(
            "HTTPRoute",
            "mirrored",
            """
              - filters:
                - type: RequestMirror
                  requestMirror: {percent: 0, backendRef: {name: one, port: 80}}
                - type: RequestMirror
                  requestMirror: {fraction: {numerator: 1, denominator: 4}, backendRef: {name: two, port: 80}}
                backendRefs: [{name: one, port: 80}]
            """));
    try (Wire wire = door.connect()) {
      for (int i = 0; i < 400; i++) {
        wire.send("GET /%d HTTP/1.1\r\nHost: a.example.com\r\n\r\n".formatted(i));
        assertThat(wire.read().status()).isEqualTo(200);
      }
    }
    assertThat(one.requests()).hasSize(400);
    // Of 400, 100 ± 9 are expected.
    Await.until("a quarter came", () -> two.requests().size() > 50);
    assertThat(two.requests().size()).isLessThan(160);
  }

  @Test
  void httpRouteBackendRequestHeaderModification() throws IOException {
    door.open(
        services(),
        TestDoor.route(
            "HTTPRoute",
            "changed",
            """
              - backendRefs:
                - name: one
                  port: 80
                  filters:
                  - {type: RequestHeaderModifier, requestHeaderModifier: {set: [{name: x-to, value: one}], remove: [x-old]}}
                  - {type: ResponseHeaderModifier, responseHeaderModifier: {add: [{name: x-from, value: one}]}}
                - {name: two, port: 80}
            """));
    for (int i = 0; one.requests().isEmpty() || two.requests().isEmpty(); i++) {
      assertThat(i).as("requests that all went to one of two").isLessThan(200);
      int before = one.requests().size();
      Wire.Message answer = door.ask("GET", "/", "x-old: yes");
      assertThat(answer.field("x-from").isPresent()).isEqualTo(one.requests().size() > before);
    }
    assertThat(one.requests())
        .allSatisfy(
            seen -> {
              assertThat(seen.field("x-to")).contains("one");
              assertThat(seen.field("x-old")).isEmpty();
            });
    assertThat(two.requests())
        .allSatisfy(
            seen -> {
              assertThat(seen.field("x-to")).isEmpty();
              assertThat(seen.field("x-old")).contains("yes");
            });
  }

  @ParameterizedTest
  @ValueSource(ints = {301, 302, 303, 307, 308})
  void httpRouteRedirectStatus(int status) throws IOException {
    door.open(
        services(),
        TestDoor.route(
            "HTTPRoute",
            "moved",
            """
              - filters: [{type: RequestRedirect, requestRedirect: {hostname: b.example.com, port: 80, statusCode: %d}}]
            """
                .formatted(status)));
    Wire.Message answer = door.ask("GET", "/old?x=1");
    assertThat(answer.status()).isEqualTo(status);
    assertThat(answer.field("location")).contains("http://b.example.com/old?x=1");
  }

  private void openCors(String cors) throws IOException {
    door.open(
        services(),
        TestDoor.route(
            "HTTPRoute",
            "shared",
            """
              - filters: [{type: CORS, cors: {%s}}]
                backendRefs: [{name: one, port: 80}]
            """
                .formatted(cors)));
  }

  @Test
  void httpRouteCorsPreflight() throws IOException {
    openCors(
        "allowOrigins: ['https://shop.example', 'https://*.bar.com'], allowMethods: [GET, PUT],"
            + " allowHeaders: [x-a], exposeHeaders: [x-b, x-c], allowCredentials: true, maxAge: 60");
    Wire.Message leave =
        door.ask(
            "OPTIONS",
            "/",
            "Origin: https://shop.example",
            "Access-Control-Request-Method: PUT",
            "Access-Control-Request-Headers: x-a");
    assertThat(leave.status()).isEqualTo(200);
    assertThat(leave.field("access-control-allow-origin")).contains("https://shop.example");
    assertThat(leave.field("access-control-allow-methods")).contains("GET, PUT");
    assertThat(leave.field("access-control-allow-headers")).contains("x-a");
    assertThat(leave.field("access-control-allow-credentials")).contains("true");
    assertThat(leave.field("access-control-max-age")).contains("60");
    assertThat(leave.field("access-control-expose-headers")).contains("x-b, x-c");
    assertThat(one.requests()).isEmpty();
  }

  @Test
  void httpRouteCorsPreflightWithCredentialsNamesWhatWasAskedFor() throws IOException {
    openCors(
        "allowOrigins: ['https://shop.example'], allowMethods: ['*'], allowHeaders: ['*'],"
            + " allowCredentials: true");
    Wire.Message leave =
        door.ask(
            "OPTIONS",
            "/",
            "Origin: https://shop.example",
            "Access-Control-Request-Method: PUT",
            "Access-Control-Request-Headers: x-a, x-b");
    assertThat(leave.field("access-control-allow-methods")).contains("PUT");
    assertThat(leave.field("access-control-allow-headers")).contains("x-a, x-b");
    assertThat(
            door.ask("GET", "/", "Origin: https://evil.example", "Cookie: a=b")
                .field("access-control-allow-credentials"))
        .isEmpty();
  }

  @Test
  void httpRouteCorsPreflightOfAnotherOriginGetsNoLeave() throws IOException {
    openCors("allowOrigins: ['https://shop.example'], allowMethods: [GET], exposeHeaders: [x-b]");
    Wire.Message none =
        door.ask(
            "OPTIONS", "/", "Origin: https://evil.example", "Access-Control-Request-Method: GET");
    assertThat(none.status()).isEqualTo(200);
    assertThat(none.field("access-control-allow-origin")).isEmpty();
    assertThat(none.field("access-control-allow-methods")).isEmpty();
    assertThat(one.requests()).isEmpty();
  }

  @ParameterizedTest
  @CsvSource({
    "https://shop.example,true",
    "HTTPS://Shop.Example,true",
    "https://a.bar.com,true",
    "https://a.b.bar.com,true",
    "https://bar.com,false",
    "http://a.bar.com,false",
    "https://a.bar.com:8443,false",
    "https://evil.example,false",
    "null,false"
  })
  void httpRouteCorsOrigins(String origin, boolean allowed) throws IOException {
    openCors("allowOrigins: ['https://shop.example', 'https://*.bar.com'], exposeHeaders: [x-b]");
    Wire.Message answer = door.ask("GET", "/", "Origin: " + origin);
    assertThat(answer.status()).isEqualTo(200);
    assertThat(answer.field("access-control-allow-origin").isPresent()).isEqualTo(allowed);
    assertThat(answer.field("access-control-expose-headers").isPresent()).isEqualTo(allowed);
  }

  @Test
  void httpRouteCorsAnyOrigin() throws IOException {
    openCors("allowOrigins: ['*'], allowMethods: ['*']");
    Wire.Message answer = door.ask("GET", "/", "Origin: https://anybody.example");
    assertThat(answer.field("access-control-allow-origin")).contains("*");
    assertThat(
            door.ask(
                    "OPTIONS",
                    "/",
                    "Origin: https://anybody.example",
                    "Access-Control-Request-Method: PUT")
                .field("access-control-allow-methods"))
        .contains("*");
  }

  @Test
  void httpRouteInvalidBackendRefUnknownKind() throws IOException {
    door.open(
        services(),
        TestDoor.route(
            "HTTPRoute",
            "half",
            """
              - backendRefs: [{name: one, port: 80}]
              - matches: [{path: {type: PathPrefix, value: /bucket}}]
                backendRefs: [{group: example.com, kind: Bucket, name: b}]
            """));
    assertThat(door.ask("GET", "/bucket").status()).isEqualTo(500);
    assertThat(door.ask("GET", "/").status()).isEqualTo(200);
  }

  @Test
  void httpRouteAllBackendsWeightZero() throws IOException {
    door.open(
        services(),
        TestDoor.route(
            "HTTPRoute",
            "none",
            "  - backendRefs: [{name: one, port: 80, weight: 0}, {name: two, port: 80, weight: 0}]\n"));
    assertThat(door.ask("GET", "/").status()).isEqualTo(500);
  }

  @Test
  void httpRouteNamedRouteRule() throws IOException {
    door.open(
        services(),
        TestDoor.route(
            "HTTPRoute",
            "named",
            """
              - name: first-rule
                matches: [{path: {type: PathPrefix, value: /named}}]
                filters: [{type: ResponseHeaderModifier, responseHeaderModifier: {set: [{name: x-by, value: named}]}}]
                backendRefs: [{name: one, port: 80}]
              - backendRefs: [{name: two, port: 80}]
            """));
    assertThat(door.ask("GET", "/named").field("x-by")).contains("named");
    assertThat(door.ask("GET", "/unnamed").field("x-by")).isEmpty();
  }

  @Test
  void httpRouteReferenceGrant() throws IOException {
    String other = TestDoor.service("other", "one", one);
    String rules = "  - backendRefs: [{name: one, namespace: other, port: 80}]\n";
    door.open(other, TestDoor.route("HTTPRoute", "far", rules));
    assertThat(door.ask("GET", "/").status()).isEqualTo(500);
    door.write(
        "grant.yaml",
        """
        apiVersion: gateway.networking.k8s.io/v1
        kind: ReferenceGrant
        metadata: {name: shop, namespace: other}
        spec:
          from: [{group: gateway.networking.k8s.io, kind: HTTPRoute, namespace: shop}]
          to: [{group: "", kind: Service, name: one}]
        """);
    Await.until("the grant counts", () -> status() == 200);
    door.write(
        "grant.yaml",
        """
        apiVersion: gateway.networking.k8s.io/v1
        kind: ReferenceGrant
        metadata: {name: shop, namespace: other}
        spec:
          from: [{group: gateway.networking.k8s.io, kind: GRPCRoute, namespace: shop}]
          to: [{group: "", kind: Service}]
        """);
    Await.until("a grant for others does not", () -> status() == 500);
  }

  private int status() {
    try {
      return door.ask("GET", "/").status();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Test
  void grpcRouteMatching() throws IOException {
    door.open(
        services(),
        TestDoor.route(
            "GRPCRoute",
            "calls",
            """
              - matches: [{method: {service: shop.Cart, method: Add}}]
                backendRefs: [{name: one, port: 80}]
              - matches: [{method: {method: Add}}, {method: {type: RegularExpression, service: "shop[.](Hat|Shoe)"}}]
                backendRefs: [{name: two, port: 80}]
              - matches: [{method: {service: shop.Cart}, headers: [{name: x-v, value: "2"}]}]
                backendRefs: [{name: two, port: 80}]
            """));
    List<String> lines = List.of("/shop.Cart/Add", "/shop.Bag/Add", "/shop.Hat/Wear");
    for (String line : lines) {
      assertThat(door.ask("POST", line, "Content-Length: 0").status()).as(line).isEqualTo(200);
    }
    assertThat(one.requests())
        .extracting(Wire.Message::line)
        .containsExactly("POST /shop.Cart/Add HTTP/1.1");
    assertThat(two.requests()).hasSize(2);
    assertThat(door.ask("POST", "/shop.Cart/Drop", "Content-Length: 0").status()).isEqualTo(404);
    assertThat(door.ask("POST", "/shop.Cart/Drop", "Content-Length: 0", "x-v: 2").status())
        .isEqualTo(200);
    assertThat(door.ask("POST", "/shop.Hats/Wear", "Content-Length: 0").status()).isEqualTo(404);
  }

  @Test
  void localAnswerToAGrpcCallIsAGrpcStatus() throws IOException {
    door.open(services());
    Wire.Message answer =
        door.ask("POST", "/shop.Cart/Add", "Content-Type: application/grpc", "Content-Length: 0");
    assertThat(answer.status()).isEqualTo(200);
    assertThat(answer.field("grpc-status")).contains("12");
    assertThat(answer.field("content-type")).contains("application/grpc");
  }
}
