// SPDX-License-Identifier: Apache-2.0
package dev.culvert.waypoint.gateway;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.culvert.policy.settings.InvalidSettingException;
import dev.culvert.waypoint.peers.AccessLines;
import dev.culvert.waypoint.peers.Backend;
import dev.culvert.waypoint.peers.Http2Peer;
import dev.culvert.waypoint.peers.Wire;
import io.netty.handler.codec.http2.Http2Headers;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Lines of the access log by a template, of requests to a running door. */
@Timeout(120)
final class AccessLogFormatTest {
  private static final String ENVOYS =
      "[%START_TIME%] \"%REQ(:METHOD)% %REQ(X-ENVOY-ORIGINAL-PATH?:PATH)% %PROTOCOL%\""
          + " %RESPONSE_CODE% %RESPONSE_FLAGS% %BYTES_RECEIVED% %BYTES_SENT%"
          + " \"%REQ(USER-AGENT)%\" \"%REQ(:AUTHORITY)%\" \"%UPSTREAM_HOST%\" %ROUTE_NAME%"
          + " %POLICY%";

  @TempDir private Path folder;

  private final AccessLines lines = AccessLines.capture();
  private Backend backend;
  private TestDoor door;

  @BeforeEach
  void start() throws IOException {
    backend = Backend.echo();
    door = new TestDoor(folder);
    door.writeGateway("door", "*.example.com", "a.example.com");
    door.write("web.yaml", TestDoor.service("shop", "web", backend));
  }

  @AfterEach
  void stop() {
    door.close();
    backend.close();
    lines.close();
  }

  private void open(String format) throws IOException {
    door.openWith(Map.of("access-log-format", format));
  }

  private String upstream() {
    return "127.0.0.1:" + backend.address().getPort();
  }

  @Test
  void lineOfARequestOfHttp1() throws IOException {
    open(ENVOYS);
    door.ask("POST", "/shoes?size=9", "User-Agent: curl/8", "Content-Length: 0");
    assertThat(lines.with("/shoes"))
        .matches("\\[\\d{4}-\\d\\d-\\d\\dT\\d\\d:\\d\\d:\\d\\d\\.\\d{3}Z] .*")
        .endsWith(
            "\"POST /shoes?size=9 HTTP/1.1\" 200 - 0 28 \"curl/8\" \"a.example.com\" \"%s\""
                    .formatted(upstream())
                + " shop/door/0 -");
  }

  @Test
  void lineOfARequestOfHttp2() throws Exception {
    open(ENVOYS);
    try (Http2Peer client = Http2Peer.client(door.address())) {
      Http2Headers head = Http2Peer.request("POST", "/hats", "user-agent", "h2load");
      Http2Peer.Stream stream = client.open(head.authority("a.example.com"), false);
      stream.send("hello", true);
      assertThat(stream.headers().status()).hasToString("200");
    }
    assertThat(lines.with("/hats"))
        .endsWith(
            "\"POST /hats HTTP/2.0\" 200 - 5 25 \"h2load\" \"a.example.com\" \"%s\" shop/door/0 -"
                .formatted(upstream()));
  }

  @Test
  void ownEndOfTheConnectionAndWhyThereIsNone() throws IOException {
    open(
        "%REQ(:PATH)% from %UPSTREAM_LOCAL_ADDRESS% but %UPSTREAM_TRANSPORT_FAILURE_REASON%"
            + " and %CONNECTION_TERMINATION_DETAILS%");
    door.ask("GET", "/reached");
    assertThat(lines.with("/reached")).matches("/reached from 127\\.0\\.0\\.1:\\d+ but - and -");
    backend.close();
    assertThat(door.ask("GET", "/closed").status()).isEqualTo(503);
    assertThat(lines.with("/closed")).matches("/closed from - but .*refused.* and -");
  }

  @Test
  void clientThatGoesAwayIsToldOf() throws IOException {
    open("%REQ(:PATH)% %RESPONSE_FLAGS% %CONNECTION_TERMINATION_DETAILS%");
    try (Wire wire = Wire.to(door.address())) {
      wire.send("POST /away HTTP/1.1\r\nHost: a.example.com\r\nContent-Length: 9\r\n\r\nhalf");
    }
    assertThat(lines.with("/away")).matches("/away DC .*clos.*");
  }

  @Test
  void policyThatDeniedIsTold() throws IOException {
    door.write(
        "policy.yaml",
        TestDoor.policy(
            "shop",
            "no-admin",
            "targetRefs: [{group: gateway.networking.k8s.io, kind: Gateway, name: door}],"
                + " action: DENY, rules: [{to: [{operation: {paths: [/admin]}}]}]"));
    open(ENVOYS);
    assertThat(door.ask("GET", "/admin").status()).isEqualTo(403);
    assertThat(lines.with("/admin"))
        .endsWith(
            "\"GET /admin HTTP/1.1\" 403 UAEX 0 19 \"-\" \"a.example.com\" \"-\" shop/door/0"
                + " shop/no-admin");
  }

  @Test
  void fieldsOfRequestAndResponse() throws IOException {
    try (Backend other =
        Backend.of(
            wire -> {
              wire.read();
              wire.send(
                  "HTTP/1.1 200 OK\r\nx-version: v2\r\nconnection: close\r\ncontent-length: 0\r\n\r\n");
            })) {
      door.write("web.yaml", TestDoor.service("shop", "web", other));
      open(
          "{\"path\": \"%REQ_WITHOUT_QUERY(:PATH)%\", \"version\": \"%RESP(X-VERSION)%\","
              + " \"short\": \"%REQ(X-LONG):5%\", \"status\": \"%RESPONSE_CODE%\","
              + " \"none\": \"%TRAILER(X-NONE)%\", \"trace\": \"%TRACE_ID%\"}");
      door.ask(
          "GET",
          "/coats?size=9",
          "X-Long: 123456789",
          "traceparent: 00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-00");
    }
    assertThat(lines.with("/coats"))
        .isEqualTo(
            "{\"path\":\"/coats\",\"version\":\"v2\",\"short\":\"12345\",\"status\":200,"
                + "\"none\":null,\"trace\":\"4bf92f3577b34da6a3ce929d0e0e4736\"}");
  }

  @Test
  void clientCannotForgeALine() throws IOException {
    open("path=%REQ(:PATH)% agent=\"%REQ(USER-AGENT)%\" status=%RESPONSE_CODE%");
    door.ask("GET", "/socks", "User-Agent: x\" status=999 \u009b2K\\");
    assertThat(lines.with("/socks"))
        .isEqualTo("path=/socks agent=\"x\\\" status=999 \\u009b2K\\\\\" status=200");
  }

  @Test
  void longFieldIsTakenInPart() throws IOException {
    open("%REQ(:PATH)% %REQ(X-LONG)%");
    door.ask("GET", "/gloves", "X-Long: " + "y".repeat(5000));
    assertThat(lines.with("/gloves")).isEqualTo("/gloves " + "y".repeat(1024));
  }

  @Test
  void requestThatCannotBeReadHasALineToo() throws IOException {
    open("%REQ(:PATH)% %RESPONSE_CODE% %RESPONSE_FLAGS% %DOWNSTREAM_REMOTE_ADDRESS_WITHOUT_PORT%");
    try (Wire wire = door.connect()) {
      wire.send("GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n");
      assertThat(wire.read().status()).isEqualTo(400);
    }
    assertThat(lines.with("400")).isEqualTo("- 400 DPE 127.0.0.1");
  }

  @Test
  void formatThatCannotBeReadStopsTheStart() {
    assertThatThrownBy(() -> open("%RESPONSE_CODE% %RESPONSE_KODE%"))
        .isInstanceOf(InvalidSettingException.class)
        .hasMessageContaining("access-log-format")
        .hasMessageContaining("character 17: %RESPONSE_KODE% is not known; known are");
  }
}
