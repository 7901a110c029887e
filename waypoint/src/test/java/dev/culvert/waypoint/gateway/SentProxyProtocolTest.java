// SPDX-License-Identifier: Apache-2.0
package dev.culvert.waypoint.gateway;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
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
import java.io.InputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.Parameter;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.MethodSource;

/** Backends that are told of clients by the PROXY protocol. */
@ParameterizedClass
@MethodSource("transports")
@Timeout(120)
final class SentProxyProtocolTest {
  private static final String GET = "GET /a HTTP/1.1\r\nHost: a.example.com\r\n\r\n";
  private static final String OK = "HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n";
  private static final String PREFACE = "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";

  @Parameter Transport transport;
  @TempDir private Path folder;

  private final List<AutoCloseable> opened = new ArrayList<>();
  private final List<String> headers = new CopyOnWriteArrayList<>();
  private TestDoor door;

  static List<Transport> transports() {
    return Transports.all();
  }

  @BeforeEach
  void start() throws IOException {
    door = new TestDoor(folder);
    opened.add(door);
    door.writeGateway("door", "*.example.com", "a.example.com");
  }

  @AfterEach
  void stop() throws Exception {
    for (AutoCloseable one : opened) {
      one.close();
    }
  }

  private void open(String traffic) throws IOException {
    door.write("traffic.yaml", TestDoor.traffic(traffic));
    door.openWith(Map.of("transport", transport.name().replace('_', '-')));
  }

  private void backend(Backend.Script script) throws IOException {
    Backend backend = Backend.of(script);
    opened.add(backend);
    door.write("web.yaml", TestDoor.service("web", backend));
  }

  /** A header of version 1, and requests. */
  private void answer(Wire wire) throws IOException {
    headers.add(wire.line());
    while (true) {
      wire.read();
      wire.send(OK);
    }
  }

  private String told(int port) {
    return "PROXY TCP4 127.0.0.1 127.0.0.1 %d %d".formatted(port, door.address().getPort());
  }

  @Test
  void eachClientHasAConnectionOfItsOwn() throws IOException {
    backend(this::answer);
    open("proxyProtocol: {send: V1}");
    List<String> expected = new ArrayList<>();
    for (int client = 0; client < 3; client++) {
      try (Socket socket = new Socket(door.address().getAddress(), door.address().getPort())) {
        expected.add(told(socket.getLocalPort()));
        Wire wire = new Wire(socket);
        for (int request = 0; request < 3; request++) {
          wire.send(GET);
          assertThat(wire.read().status()).isEqualTo(200);
        }
      }
    }
    assertThat(headers).isEqualTo(expected);
  }

  @Test
  void whatABalancerToldIsToldOn() throws IOException {
    byte[] header = ProxyHeaders.v2("fd00:c01::7", "fd00:c01::1");
    backend(
        wire -> {
          headers.add(wire.text(header.length));
          wire.read();
          wire.send(OK);
        });
    door.write(
        "balancers.yaml",
        """
        apiVersion: policy.culvert.dev/v1alpha1
        kind: TrafficPolicy
        metadata: {name: balancers, namespace: shop}
        spec:
          targetRefs: [{group: gateway.networking.k8s.io, kind: Gateway, name: door}]
          proxyProtocol: {acceptFrom: [127.0.0.1]}
        """);
    open("proxyProtocol: {send: V2}");
    try (Wire wire = door.connect()) {
      wire.send(header).send(GET);
      assertThat(wire.read().status()).isEqualTo(200);
    }
    assertThat(headers).containsExactly(new String(header, ISO_8859_1));
  }

  @Test
  void connectionOfATcpRouteBeginsWithIt() throws IOException {
    backend(
        wire -> {
          headers.add(wire.line());
          wire.send("hello\n");
          wire.send("got " + wire.rest());
        });
    door.write(
        "door.yaml",
        """
        apiVersion: gateway.networking.k8s.io/v1
        kind: Gateway
        metadata: {name: door, namespace: shop}
        spec:
          gatewayClassName: culvert-gateway
          listeners: [{name: tcp, port: %d, protocol: TCP}]
        """
                .formatted(door.address().getPort())
            + TestDoor.route("TCPRoute", "tcp", "  - backendRefs: [{name: web, port: 80}]\n"));
    open("proxyProtocol: {send: V1}");
    try (Socket socket = new Socket(door.address().getAddress(), door.address().getPort())) {
      Wire wire = new Wire(socket);
      assertThat(wire.line()).isEqualTo("hello");
      wire.send("x").endOutput();
      assertThat(wire.rest()).isEqualTo("got x");
      assertThat(headers).containsExactly(told(socket.getLocalPort()));
    }
  }

  @Test
  void headerComesBeforeTheTlsOfABackend() throws IOException {
    SelfSigned identity = SelfSigned.of("web.internal");
    ServerSocket server = new ServerSocket(0, 10, InetAddress.getLoopbackAddress());
    opened.add(server);
    Thread.ofVirtual().start(() -> serve(server, identity));
    door.write("web.yaml", TestDoor.service("shop", "web", server.getLocalPort()));
    door.write("ca.yaml", TestDoor.authorities("ca", identity));
    door.write(
        "tls.yaml",
        """
        apiVersion: gateway.networking.k8s.io/v1
        kind: BackendTLSPolicy
        metadata: {name: web, namespace: shop}
        spec:
          targetRefs: [{group: "", kind: Service, name: web}]
          validation: {caCertificateRefs: [{group: "", kind: ConfigMap, name: ca}], hostname: web.internal}
        """);
    open("proxyProtocol: {send: V1}");
    assertThat(door.ask("GET", "/a").status()).isEqualTo(200);
    assertThat(headers).hasSize(1).first().asString().startsWith("PROXY TCP4 127.0.0.1 127.0.0.1 ");
  }

  private void serve(ServerSocket server, SelfSigned identity) {
    try {
      Socket plain = server.accept();
      headers.add(line(plain.getInputStream()));
      Socket secure = identity.server().getSocketFactory().createSocket(plain, null, true);
      try (Wire wire = new Wire(secure)) {
        wire.read();
        wire.send(OK);
      }
    } catch (IOException e) {
      // The end of the test.
    }
  }

  /** Not a byte more than the line. */
  private static String line(InputStream in) throws IOException {
    StringBuilder line = new StringBuilder();
    for (int c = in.read(); c >= 0 && c != '\n'; c = in.read()) {
      line.append((char) c);
    }
    return line.toString().strip();
  }

  @Test
  void headerComesBeforeThePrefaceOfHttp2() throws IOException {
    List<String> prefaces = new CopyOnWriteArrayList<>();
    backend(
        wire -> {
          headers.add(wire.line());
          prefaces.add(wire.text(PREFACE.length()));
        });
    Path file = folder.resolve("web.yaml");
    door.write(
        "web.yaml",
        Files.readString(file, US_ASCII)
            .replace("[{port: 80}]", "[{port: 80, appProtocol: kubernetes.io/h2c}]"));
    open("proxyProtocol: {send: V1}");
    assertThat(door.ask("GET", "/a").status()).isEqualTo(503);
    assertThat(prefaces).contains(PREFACE);
    assertThat(headers).first().asString().startsWith("PROXY TCP4 127.0.0.1 127.0.0.1 ");
  }

  @Test
  void healthCheckTellsOfNobody() throws IOException {
    backend(this::answer);
    open("proxyProtocol: {send: V1}\nhealthCheck: {interval: 20ms, http: {path: /healthz}}");
    Await.until("it is asked", () -> headers.contains("PROXY UNKNOWN"));
    byte[] local = ProxyHeaders.v2(0x20, 0, new byte[0]);
    backend(
        wire -> {
          headers.add(wire.text(local.length));
          wire.read();
          wire.send(OK);
        });
    door.write(
        "traffic.yaml",
        TestDoor.traffic(
            "proxyProtocol: {send: V2}\nhealthCheck: {interval: 20ms, http: {path: /healthz}}"));
    String expected = new String(local, ISO_8859_1);
    Await.until("it is asked in version 2", () -> headers.contains(expected));
  }

  @Test
  void changeCountsForTheNextConnection() throws IOException {
    backend(
        wire -> {
          String first = wire.line();
          headers.add(first);
          wire.readHead();
          wire.send(OK);
        });
    door.write("traffic.yaml", TestDoor.traffic("rateLimit: {requests: 1000}"));
    door.openWith(Map.of("transport", transport.name().replace('_', '-')));
    assertThat(door.ask("GET", "/a").status()).isEqualTo(200);
    assertThat(headers).containsExactly("GET /a HTTP/1.1");
    door.write("traffic.yaml", TestDoor.traffic("proxyProtocol: {send: V1}"));
    Await.until("the header comes", this::isTold);
  }

  private boolean isTold() {
    try {
      return door.ask("GET", "/a").status() == 200 && headers.getLast().startsWith("PROXY TCP4 ");
    } catch (IOException e) {
      return false;
    }
  }
}
