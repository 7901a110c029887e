// SPDX-License-Identifier: Apache-2.0
package dev.culvert.waypoint.gateway;

import dev.culvert.waypoint.peers.Backend;
import dev.culvert.waypoint.peers.SelfSigned;
import dev.culvert.waypoint.peers.Transports;
import dev.culvert.waypoint.peers.Wire;
import dev.culvert.ztunnel.transport.Transport;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import javax.net.ssl.SNIHostName;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.SSLServerSocket;
import javax.net.ssl.SSLSocket;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.Parameter;

/** A door with listeners of TCP and TLS, and backends that tell what they are. */
abstract class StreamDoorCase {
  @Parameter Transport transport;
  @TempDir private Path folder;

  final List<AutoCloseable> opened = new ArrayList<>();
  TestDoor door;

  static List<Transport> transports() {
    return Transports.all();
  }

  @BeforeEach
  final void start() throws IOException {
    door = new TestDoor(folder);
    opened.add(door);
  }

  @AfterEach
  final void stop() throws Exception {
    for (AutoCloseable one : opened) {
      one.close();
    }
  }

  final void open() throws IOException {
    door.openWith(Map.of("transport", transport.name().replace('_', '-')));
  }

  final Backend backend(Backend.Script script) throws IOException {
    Backend backend = Backend.of(script);
    opened.add(backend);
    return backend;
  }

  final Backend echo() throws IOException {
    return backend(
        wire -> {
          String all = wire.rest();
          wire.send("got " + all);
        });
  }

  final String gateway(String... listeners) {
    return """
    ---
    apiVersion: gateway.networking.k8s.io/v1
    kind: Gateway
    metadata: {name: door, namespace: shop}
    spec: {gatewayClassName: culvert-gateway, listeners: [%s]}
    """
        .formatted(String.join(", ", listeners));
  }

  final String listener(String name, String hostname) {
    return "{name: %s, port: %d, protocol: TLS, hostname: \"%s\", tls: {mode: Passthrough}}"
        .formatted(name, door.address().getPort(), hostname);
  }

  final String tcpListener() {
    return "{name: tcp, port: %d, protocol: TCP}".formatted(door.address().getPort());
  }

  static String route(String kind, String name, String spec, String backends) {
    return """
    ---
    apiVersion: gateway.networking.k8s.io/v1alpha2
    kind: %s
    metadata: {name: %s, namespace: shop}
    spec:
      parentRefs: [{name: door}]
      %s
      rules: [{backendRefs: [%s]}]
    """
        .formatted(kind, name, spec, backends);
  }

  static String to(String service) {
    return "{name: %s, port: 80}".formatted(service);
  }

  static String tlsRoute(String name, String hostname) {
    return route("TLSRoute", name, "hostnames: [\"" + hostname + "\"]", to(name));
  }

  static String tcpRoute(String backends) {
    return route("TCPRoute", "tcp", "", backends);
  }

  /** A TLS server that says its name to each client; returns its port. */
  final int tlsServer(String name, SelfSigned identity) throws IOException {
    SSLServerSocket server =
        (SSLServerSocket)
            identity
                .server()
                .getServerSocketFactory()
                .createServerSocket(0, 10, InetAddress.getLoopbackAddress());
    opened.add(server);
    Thread.ofVirtual()
        .start(
            () -> {
              while (!server.isClosed()) {
                try (Wire client = new Wire(server.accept())) {
                  client.send("I am " + name + ", you are " + client.line() + "\n");
                } catch (IOException e) {
                  // A client that did not like us.
                }
              }
            });
    return server.getLocalPort();
  }

  /** A client that says which name it wants, and believes nobody else. */
  final Wire tls(SelfSigned trusted, String name) throws IOException {
    SSLSocket socket =
        (SSLSocket)
            trusted
                .client()
                .getSocketFactory()
                .createSocket(InetAddress.getLoopbackAddress(), door.address().getPort());
    SSLParameters parameters = socket.getSSLParameters();
    parameters.setServerNames(List.of(new SNIHostName(name)));
    parameters.setEndpointIdentificationAlgorithm("HTTPS");
    socket.setSSLParameters(parameters);
    return new Wire(socket);
  }

  /** What a server of that name says to Ann. */
  final String say(SelfSigned trusted, String name) throws IOException {
    try (Wire wire = tls(trusted, name)) {
      return wire.send("ann\n").line();
    }
  }

  final boolean isTold(String metric) {
    try {
      return door.metrics().contains(metric);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  final String say(String text) {
    try (Wire wire = door.connect()) {
      wire.send(text);
      wire.endOutput();
      return wire.rest();
    } catch (IOException e) {
      return "refused";
    }
  }
}
