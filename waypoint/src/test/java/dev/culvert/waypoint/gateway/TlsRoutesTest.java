// SPDX-License-Identifier: Apache-2.0
package dev.culvert.waypoint.gateway;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.culvert.waypoint.peers.Await;
import dev.culvert.waypoint.peers.Backend;
import dev.culvert.waypoint.peers.SelfSigned;
import dev.culvert.waypoint.peers.Wire;
import java.io.IOException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.MethodSource;

/** Connections that are passed on by the name in their ClientHello. */
@ParameterizedClass
@MethodSource("transports")
@Timeout(120)
final class TlsRoutesTest extends StreamDoorCase {
  @Test
  void tlsRoutePassesThroughByServerName() throws IOException {
    SelfSigned a = SelfSigned.of("a.example.com");
    SelfSigned any = SelfSigned.of("b.c.example.com");
    door.write("a.yaml", TestDoor.service("shop", "a", tlsServer("a", a)));
    door.write("any.yaml", TestDoor.service("shop", "any", tlsServer("any", any)));
    door.write(
        "door.yaml",
        gateway(listener("tls", "*.example.com"))
            + tlsRoute("any", "*.example.com")
            + tlsRoute("a", "a.example.com"));
    open();
    assertThat(say(a, "a.example.com")).isEqualTo("I am a, you are ann");
    assertThat(say(any, "b.c.example.com")).isEqualTo("I am any, you are ann");
    Await.until("it is counted", () -> isTold("istio_tcp_connections_opened_total"));
  }

  @Test
  void tlsRouteHostnameIntersection() throws IOException {
    SelfSigned a = SelfSigned.of("a.example.com");
    door.write("a.yaml", TestDoor.service("shop", "a", tlsServer("a", a)));
    door.write(
        "door.yaml", gateway(listener("tls", "a.example.com")) + tlsRoute("a", "*.example.com"));
    open();
    assertThat(say(a, "a.example.com")).isEqualTo("I am a, you are ann");
    assertThatThrownBy(() -> say(a, "b.example.com")).isInstanceOf(IOException.class);
  }

  @Test
  void httpsAndPassthroughShareAPort() throws IOException {
    SelfSigned a = SelfSigned.of("a.example.com");
    SelfSigned web = SelfSigned.of("web.example.com");
    Backend http = Backend.echo();
    opened.add(http);
    door.write("a.yaml", TestDoor.service("shop", "a", tlsServer("a", a)));
    door.write("web.yaml", TestDoor.service("shop", "web", http));
    door.write("secret.yaml", TestDoor.secret("web-tls", web));
    door.write(
        "door.yaml",
        gateway(
                listener("tls", "a.example.com"),
                ("{name: https, port: %d, protocol: HTTPS, hostname: web.example.com,"
                        + " tls: {certificateRefs: [{name: web-tls}]}}")
                    .formatted(door.address().getPort()))
            + tlsRoute("a", "a.example.com")
            + TestDoor.route("HTTPRoute", "web", "  - backendRefs: [{name: web, port: 80}]\n"));
    open();
    assertThat(say(a, "a.example.com")).isEqualTo("I am a, you are ann");
    try (Wire wire = tls(web, "web.example.com")) {
      wire.send("GET /a HTTP/1.1\r\nHost: web.example.com\r\n\r\n");
      assertThat(wire.read().body()).isEqualTo("GET /a HTTP/1.1|");
    }
  }
}
