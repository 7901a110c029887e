// SPDX-License-Identifier: Apache-2.0
package dev.culvert.waypoint.gateway;

import dev.culvert.policy.settings.Settings;
import dev.culvert.waypoint.peers.Backend;
import dev.culvert.waypoint.peers.FreePort;
import dev.culvert.waypoint.peers.SelfSigned;
import dev.culvert.waypoint.peers.Wire;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import java.util.stream.Collectors;

/** A front door over a folder, with one listener for {@code *.example.com}. */
final class TestDoor implements AutoCloseable {
  private final Path folder;
  private final int port;
  private FrontDoor door;

  TestDoor(Path folder) throws IOException {
    this.folder = folder;
    port = FreePort.take();
  }

  /** Writes resources of namespace shop and opens the door. */
  void open(String... yaml) throws IOException {
    write("resources.yaml", gateway() + String.join("", yaml));
    openWith(Map.of());
  }

  /** Opens the door to what was written. */
  void openWith(Map<String, String> more) throws IOException {
    Map<String, String> settings = new HashMap<>(more);
    settings.put("source", folder.toString());
    settings.put("listen-address", "127.0.0.1");
    settings.put("stats-port", "0");
    settings.put("drain-deadline", "1s");
    door = FrontDoor.start(GatewayConfig.from(Settings.of(GatewayConfig.settings(), settings)));
  }

  /** Writes a Gateway for a host of its own, and a route to service {@code web}. */
  void writeGateway(String name, String listener, String host) throws IOException {
    write(
        name + ".yaml",
        """
        apiVersion: gateway.networking.k8s.io/v1
        kind: Gateway
        metadata: {name: %1$s, namespace: shop}
        spec:
          gatewayClassName: culvert-gateway
          listeners: [{name: http, port: %2$d, protocol: HTTP, hostname: "%3$s"}]
        ---
        apiVersion: gateway.networking.k8s.io/v1
        kind: HTTPRoute
        metadata: {name: %1$s, namespace: shop}
        spec:
          parentRefs: [{name: %1$s}]
          hostnames: [%4$s]
          rules: [{backendRefs: [{name: web, port: 80}]}]
        """
            .formatted(name, port, listener, host));
  }

  /** An AuthorizationPolicy. */
  static String policy(String namespace, String name, String spec) {
    return """
    ---
    apiVersion: security.istio.io/v1
    kind: AuthorizationPolicy
    metadata: {name: %s, namespace: %s}
    spec: {%s}
    """
        .formatted(name, namespace, spec);
  }

  void write(String file, String text) throws IOException {
    Path whole = folder.resolve("." + file);
    Files.writeString(whole, text);
    Files.move(whole, folder.resolve(file), StandardCopyOption.ATOMIC_MOVE);
  }

  private String gateway() {
    return """
    apiVersion: gateway.networking.k8s.io/v1
    kind: Gateway
    metadata: {name: door, namespace: shop}
    spec:
      gatewayClassName: culvert-gateway
      listeners: [{name: http, port: %d, protocol: HTTP, hostname: "*.example.com"}]
    """
        .formatted(port);
  }

  static String service(String namespace, String name, Backend backend) {
    return service(namespace, name, backend.address().getPort());
  }

  static String service(String namespace, String name, int port) {
    return """
    ---
    apiVersion: v1
    kind: Service
    metadata: {name: %1$s, namespace: %3$s}
    spec: {ports: [{port: 80}]}
    ---
    apiVersion: discovery.k8s.io/v1
    kind: EndpointSlice
    metadata: {name: %1$s, namespace: %3$s, labels: {kubernetes.io/service-name: %1$s}}
    addressType: IPv4
    endpoints: [{addresses: [127.0.0.1]}]
    ports: [{port: %2$d}]
    """
        .formatted(name, port, namespace);
  }

  /** A service of namespace shop with several endpoints. */
  static String service(String name, Backend... backends) {
    StringBuilder yaml =
        new StringBuilder(
            """
            ---
            apiVersion: v1
            kind: Service
            metadata: {name: %s, namespace: shop}
            spec: {ports: [{port: 80}]}
            """
                .formatted(name));
    for (Backend backend : backends) {
      int port = backend.address().getPort();
      yaml.append(
          """
          ---
          apiVersion: discovery.k8s.io/v1
          kind: EndpointSlice
          metadata:
            name: %1$s-%2$d
            namespace: shop
            labels: {kubernetes.io/service-name: %1$s}
          addressType: IPv4
          endpoints: [{addresses: [127.0.0.1]}]
          ports: [{port: %2$d}]
          """
              .formatted(name, port));
    }
    return yaml.toString();
  }

  /** A certificate with its key. */
  static String secret(String name, SelfSigned identity) {
    return """
        apiVersion: v1
        kind: Secret
        metadata: {name: %s, namespace: shop}
        type: kubernetes.io/tls
        stringData:
          tls.crt: |
        %s
          tls.key: |
        %s
        """
        .formatted(name, identity.certificatePem().indent(4), identity.keyPem().indent(4));
  }

  /** The certificates of authorities. */
  static String authorities(String name, SelfSigned... all) {
    String pem =
        Arrays.stream(all).map(SelfSigned::certificatePem).collect(Collectors.joining()).indent(4);
    return """
        apiVersion: v1
        kind: ConfigMap
        metadata: {name: %s, namespace: shop}
        data:
          ca.crt: |
        %s
        """
        .formatted(name, pem);
  }

  /** A TrafficPolicy of service web. */
  static String traffic(String spec) {
    return """
    ---
    apiVersion: policy.culvert.dev/v1alpha1
    kind: TrafficPolicy
    metadata: {name: web, namespace: shop}
    spec:
      targetRefs: [{group: "", kind: Service, name: web}]
    """
        + spec.indent(2);
  }

  static String route(String kind, String name, String rules) {
    return """
    ---
    apiVersion: gateway.networking.k8s.io/v1
    kind: %s
    metadata: {name: %s, namespace: shop}
    spec:
      parentRefs: [{name: door}]
      rules:
    """
            .formatted(kind, name)
        + rules;
  }

  /** Where it listens. */
  InetSocketAddress address() {
    return new InetSocketAddress(InetAddress.getLoopbackAddress(), port);
  }

  /** Its metrics, as they are scraped. */
  String metrics() throws IOException {
    try (Wire wire =
        Wire.to(new InetSocketAddress(InetAddress.getLoopbackAddress(), door.statsPort()))) {
      wire.send("GET /metrics HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n");
      return wire.read().body();
    }
  }

  Wire connect() throws IOException {
    return Wire.to(address());
  }

  /** Asks once, with header fields. */
  Wire.Message ask(String method, String path, String... fields) throws IOException {
    return askHost("a.example.com", method, path, fields);
  }

  /** The same of a host. */
  Wire.Message askHost(String host, String method, String path, String... fields)
      throws IOException {
    try (Wire wire = connect()) {
      wire.send(
          "%s %s HTTP/1.1\r\nHost: %s\r\n%sConnection: close\r\n\r\n"
              .formatted(
                  method,
                  path,
                  host,
                  fields.length == 0 ? "" : String.join("\r\n", fields) + "\r\n"));
      return wire.read();
    }
  }

  @Override
  public void close() {
    if (door != null) {
      door.close();
    }
  }
}
