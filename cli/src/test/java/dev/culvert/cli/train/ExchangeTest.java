// SPDX-License-Identifier: Apache-2.0
package dev.culvert.cli.train;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import dev.culvert.policy.settings.Settings;
import dev.culvert.waypoint.gateway.FrontDoor;
import dev.culvert.waypoint.gateway.GatewayConfig;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;

/** The clients that daemons are trained with, at a front door. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class ExchangeTest {
  private static final Exchange HTTP1 = new Http1Exchange(3);
  private static final Exchange HTTP2 = new Http2Exchange();
  private static final String OTHER = "other.example";

  private HttpServer backend;
  private DoorKey key;
  private FrontDoor door;
  private int plain;
  private int secured;

  @BeforeAll
  void open(@TempDir Path keys, @TempDir Path folder) throws IOException {
    backend = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    backend.createContext("/train", ExchangeTest::answer);
    backend.start();
    key = DoorKey.make(keys.resolve("door.p12"));
    plain = freePort();
    secured = freePort();
    Files.writeString(folder.resolve("door.yaml"), door() + "---\n" + DoorResources.secret(key));
    Map<String, String> settings =
        Map.of("source", folder.toString(), "listen-address", "127.0.0.1", "stats-port", "0");
    door = FrontDoor.start(GatewayConfig.from(Settings.of(GatewayConfig.settings(), settings)));
  }

  @AfterAll
  void close() {
    door.close();
    backend.stop(0);
  }

  @Test
  void bothVersionsAreAnswered() throws IOException {
    assertThat(status(HTTP1, DoorKey.HOST)).isEqualTo(200);
    assertThat(status(HTTP2, DoorKey.HOST)).isEqualTo(200);
  }

  @Test
  void bothVersionsAreAnsweredInMutualTls() throws IOException {
    assertThat(status(secured(HTTP1, "http/1.1"))).isEqualTo(200);
    assertThat(status(secured(HTTP2, "h2"))).isEqualTo(200);
  }

  @Test
  void refusalIsTold() throws IOException {
    assertThat(status(HTTP1, OTHER)).isEqualTo(404);
    assertThat(status(HTTP2, OTHER)).isNotEqualTo(200);
  }

  private Exchange secured(Exchange inner, String protocol) throws IOException {
    return new Secured(inner, key.context(), protocol);
  }

  private int status(Exchange exchange, String host) throws IOException {
    return status(exchange, plain, host);
  }

  private int status(Exchange exchange) throws IOException {
    return status(exchange, secured, DoorKey.HOST);
  }

  private static int status(Exchange exchange, int port, String host) throws IOException {
    try (Socket connection = new Socket(InetAddress.getLoopbackAddress(), port)) {
      connection.setSoTimeout(20_000);
      return exchange.with(connection, host);
    }
  }

  private static void answer(HttpExchange asked) throws IOException {
    try (asked) {
      byte[] body =
          ("sent " + new String(asked.getRequestBody().readAllBytes(), UTF_8)).getBytes(UTF_8);
      asked.sendResponseHeaders(200, body.length);
      asked.getResponseBody().write(body);
    }
  }

  private static int freePort() throws IOException {
    try (ServerSocket socket = new ServerSocket(0)) {
      return socket.getLocalPort();
    }
  }

  private String door() {
    return """
    apiVersion: gateway.networking.k8s.io/v1
    kind: Gateway
    metadata: {name: door, namespace: train}
    spec:
      gatewayClassName: culvert-gateway
      tls:
        frontend:
          default:
            validation:
              caCertificateRefs: [{group: "", kind: ConfigMap, name: clients}]
      listeners:
        - {name: http, port: %1$d, protocol: HTTP}
        - {name: https, port: %2$d, protocol: HTTPS, tls: {certificateRefs: [{name: door}]}}
    ---
    apiVersion: gateway.networking.k8s.io/v1
    kind: HTTPRoute
    metadata: {name: web, namespace: train}
    spec:
      parentRefs: [{name: door}]
      hostnames: [%3$s]
      rules: [{backendRefs: [{name: web, port: 80}]}]
    ---
    apiVersion: v1
    kind: Service
    metadata: {name: web, namespace: train}
    spec: {ports: [{port: 80, targetPort: %4$d}]}
    ---
    apiVersion: discovery.k8s.io/v1
    kind: EndpointSlice
    metadata: {name: web-a, namespace: train, labels: {kubernetes.io/service-name: web}}
    addressType: IPv4
    endpoints: [{addresses: [127.0.0.1]}]
    ports: [{port: %4$d}]
    """
        .formatted(plain, secured, DoorKey.HOST, backend.getAddress().getPort());
  }
}
