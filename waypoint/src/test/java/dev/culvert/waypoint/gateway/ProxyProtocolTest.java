// SPDX-License-Identifier: Apache-2.0
package dev.culvert.waypoint.gateway;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;

import dev.culvert.waypoint.peers.Await;
import dev.culvert.waypoint.peers.Backend;
import dev.culvert.waypoint.peers.ProxyHeaders;
import dev.culvert.waypoint.peers.SelfSigned;
import dev.culvert.waypoint.peers.Transports;
import dev.culvert.waypoint.peers.Wire;
import dev.culvert.ztunnel.transport.Transport;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.Socket;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import javax.net.ssl.SSLSocket;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.Parameter;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.MethodSource;

/** Load balancers before a front door that tell of their clients by the PROXY protocol. */
@ParameterizedClass
@MethodSource("transports")
@Timeout(120)
final class ProxyProtocolTest {
  private static final String GET = "GET /a HTTP/1.1\r\nHost: a.example.com\r\n\r\n";
  private static final String HTTP = "protocol: HTTP";
  private static final String TCP = "protocol: TCP";

  @Parameter Transport transport;
  @TempDir private Path folder;

  private final List<AutoCloseable> opened = new ArrayList<>();
  private TestDoor door;
  private Backend backend;

  static List<Transport> transports() {
    return Transports.all();
  }

  @BeforeEach
  void start() throws IOException {
    door = new TestDoor(folder);
    opened.add(door);
    backend = Backend.echo();
    opened.add(backend);
    door.write("web.yaml", TestDoor.service("web", backend));
  }

  @AfterEach
  void stop() throws Exception {
    for (AutoCloseable one : opened) {
      one.close();
    }
  }

  private void open(String listener, String sources) throws IOException {
    door.write("door.yaml", gateway(listener));
    door.write("balancers.yaml", policy("", sources));
    door.openWith(Map.of("transport", transport.name().replace('_', '-')));
  }

  private String gateway(String listener) {
    String kind = listener.equals(TCP) ? "TCPRoute" : "HTTPRoute";
    return """
    apiVersion: gateway.networking.k8s.io/v1
    kind: Gateway
    metadata: {name: door, namespace: shop}
    spec:
      gatewayClassName: culvert-gateway
      listeners: [{name: one, port: %d, %s}]
    """
            .formatted(door.address().getPort(), listener)
        + TestDoor.route(kind, "web", "  - backendRefs: [{name: web, port: 80}]\n");
  }

  private static String policy(String section, String sources) {
    return """
    apiVersion: policy.culvert.dev/v1alpha1
    kind: TrafficPolicy
    metadata: {name: balancers, namespace: shop}
    spec:
      targetRefs: [{group: gateway.networking.k8s.io, kind: Gateway, name: door%s}]
      proxyProtocol: {acceptFrom: [%s]}
    """
        .formatted(section, sources);
  }

  private String forwardedFor(byte[] header) throws IOException {
    try (Wire wire = door.connect()) {
      wire.send(header).send(GET);
      if (wire.read().status() != 200) {
        return "refused";
      }
    }
    return backend.requests().getLast().field("x-forwarded-for").orElse("");
  }

  @Test
  void clientIsWhoTheBalancerTellsOf() throws IOException {
    open(HTTP, "127.0.0.0/8");
    assertThat(forwardedFor(ProxyHeaders.v1("TCP4 198.18.0.7 198.18.0.1 1234 443")))
        .isEqualTo("198.18.0.7");
    assertThat(forwardedFor(ProxyHeaders.v1("TCP6 fd00:c01::7 fd00:c01::1 1234 443")))
        .isEqualTo("fd00:c01:0:0:0:0:0:7");
    assertThat(forwardedFor(ProxyHeaders.v2("198.18.0.8", "198.18.0.1"))).isEqualTo("198.18.0.8");
    assertThat(forwardedFor(ProxyHeaders.v2("fd00:c01::8", "fd00:c01::1")))
        .isEqualTo("fd00:c01:0:0:0:0:0:8");
  }

  @Test
  void whatElseIsToldIsPassedOver() throws IOException {
    open(HTTP, "127.0.0.0/8");
    byte[] vpc = {(byte) 0xea, 0, 4, 1, 'v', 'p', 'c'};
    assertThat(forwardedFor(ProxyHeaders.v2("198.18.0.8", "198.18.0.1", vpc)))
        .isEqualTo("198.18.0.8");
  }

  @Test
  void balancersOwnConnectionsAreItsOwn() throws IOException {
    open(HTTP, "127.0.0.0/8");
    assertThat(forwardedFor(ProxyHeaders.v1("UNKNOWN"))).isEqualTo("127.0.0.1");
    assertThat(forwardedFor(ProxyHeaders.v2(0x20, 0, new byte[0]))).isEqualTo("127.0.0.1");
  }

  @Test
  void headerInPiecesIsTheSame() throws IOException {
    open(HTTP, "127.0.0.0/8");
    for (byte[] header :
        List.of(
            ProxyHeaders.v1("TCP4 198.18.0.7 198.18.0.1 1234 443"),
            ProxyHeaders.v2("198.18.0.7", "198.18.0.1"))) {
      try (Wire wire = door.connect()) {
        for (byte one : header) {
          wire.send(new byte[] {one});
        }
        wire.send(GET);
        assertThat(wire.read().status()).isEqualTo(200);
      }
      assertThat(backend.requests().getLast().field("x-forwarded-for")).contains("198.18.0.7");
    }
  }

  @Test
  void policiesSeeBothAddresses() throws IOException {
    door.write(
        "policy.yaml",
        TestDoor.policy(
            "shop",
            "office",
            "targetRefs: [{group: gateway.networking.k8s.io, kind: Gateway, name: door}], rules:"
                + " [{from: [{source: {remoteIpBlocks: [198.18.7.0/24], ipBlocks:"
                + " [127.0.0.1]}}]}]"));
    open(HTTP, "127.0.0.0/8");
    assertThat(forwardedFor(ProxyHeaders.v2("198.18.7.1", "198.18.0.1"))).isEqualTo("198.18.7.1");
    try (Wire wire = door.connect()) {
      wire.send(ProxyHeaders.v2("198.18.8.1", "198.18.0.1")).send(GET);
      assertThat(wire.read().status()).isEqualTo(403);
    }
  }

  @Test
  void connectionThatBeginsOtherwiseIsClosed() throws IOException {
    open(HTTP, "127.0.0.0/8");
    List<byte[]> others =
        List.of(
            GET.getBytes(US_ASCII),
            ProxyHeaders.v1("TCP4 198.18.0.7 198.18.0.1 1234"),
            ProxyHeaders.v1("TCP4 198.18.0.777 198.18.0.1 1234 443"),
            ProxyHeaders.v1("TCP4 fd00:c01::7 fd00:c01::1 1234 443"),
            ProxyHeaders.v1("TCP4 198.18.0.7 198.18.0.1 1234 65536"),
            ProxyHeaders.v1("UDP4 198.18.0.7 198.18.0.1 1234 443"),
            ("PROXY TCP4 198.18.0.7 198.18.0.1 1234 443" + " ".repeat(100)).getBytes(US_ASCII),
            ProxyHeaders.v2(0x31, 0x11, new byte[12]),
            ProxyHeaders.v2(0x22, 0x11, new byte[12]),
            ProxyHeaders.v2(0x21, 0x11, new byte[11]),
            ProxyHeaders.v2(0x21, 0x12, new byte[12]),
            ProxyHeaders.v2(0x21, 0x31, new byte[216]),
            ProxyHeaders.v2("198.18.0.7", "198.18.0.1", (byte) 1, (byte) 0, (byte) 9, (byte) 0),
            ProxyHeaders.v2("198.18.0.7", "198.18.0.1", new byte[8000]));
    for (byte[] other : others) {
      try (Wire wire = door.connect()) {
        wire.send(other);
        assertThat(wire.isEnded()).as(new String(other, US_ASCII)).isTrue();
      }
    }
    assertThat(backend.requests()).isEmpty();
    Await.until("each is counted", () -> isCounted(others.size()));
  }

  private boolean isCounted(int refused) {
    try {
      return door.metrics().contains("culvert_connections_refused_total " + refused);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Test
  void nobodyElseIsLetIn() throws IOException {
    open(HTTP, "198.18.0.0/16, '::/0'");
    try (Wire wire = door.connect()) {
      assertThat(wire.isEnded()).isTrue();
    }
    assertThat(door.metrics()).contains("culvert_connections_refused_total 1");
  }

  @Test
  void headerComesBeforeTls() throws IOException {
    SelfSigned web = SelfSigned.of("a.example.com");
    door.write("secret.yaml", TestDoor.secret("web-tls", web));
    open("protocol: HTTPS, tls: {certificateRefs: [{name: web-tls}]}", "127.0.0.1");
    Socket socket = new Socket(door.address().getAddress(), door.address().getPort());
    socket.getOutputStream().write(ProxyHeaders.v2("198.18.0.7", "198.18.0.1"));
    SSLSocket tls =
        (SSLSocket)
            web.client()
                .getSocketFactory()
                .createSocket(socket, "a.example.com", door.address().getPort(), true);
    try (Wire wire = new Wire(tls)) {
      wire.send(GET);
      assertThat(wire.read().status()).isEqualTo(200);
    }
    assertThat(backend.requests().getLast().field("x-forwarded-for")).contains("198.18.0.7");
  }

  @Test
  void connectionIsCarriedFromBehindTheHeader() throws IOException {
    Backend echo =
        Backend.of(
            wire -> {
              wire.send("hello\n");
              wire.send("got " + wire.rest());
            });
    opened.add(echo);
    door.write("web.yaml", TestDoor.service("web", echo));
    open(TCP, "127.0.0.1");
    try (Wire wire = door.connect()) {
      wire.send(ProxyHeaders.v1("TCP4 198.18.0.7 198.18.0.1 1234 443"));
      assertThat(wire.line()).isEqualTo("hello");
      wire.send("more").endOutput();
      assertThat(wire.rest()).isEqualTo("got more");
    }
    try (Wire wire = door.connect()) {
      byte[] header = ProxyHeaders.v1("TCP4 198.18.0.7 198.18.0.1 1234 443");
      wire.send(new String(header, US_ASCII) + "at once").endOutput();
      assertThat(wire.line()).isEqualTo("hello");
      assertThat(wire.rest()).isEqualTo("got at once");
    }
  }

  @Test
  void policyOfAListenerIsForItsPort() throws IOException {
    open(HTTP, "198.18.0.1");
    door.write(
        "listener.yaml", policy(", sectionName: one", "127.0.0.1").replace("balancers", "b"));
    Await.until("the nearer policy counts", this::isTold);
  }

  private boolean isTold() {
    try {
      return forwardedFor(ProxyHeaders.v2("198.18.0.7", "198.18.0.1")).equals("198.18.0.7");
    } catch (IOException e) {
      return false;
    }
  }

  @Test
  void changeCountsForTheNextConnection() throws IOException {
    door.write("door.yaml", gateway(HTTP));
    door.openWith(Map.of("transport", transport.name().replace('_', '-')));
    try (Wire before = door.connect()) {
      before.send(GET);
      assertThat(before.read().status()).isEqualTo(200);
      door.write("balancers.yaml", policy("", "127.0.0.1"));
      Await.until("the header is read", this::isTold);
      before.send(GET);
      assertThat(before.read().status()).as("what is open goes on").isEqualTo(200);
    }
  }
}
