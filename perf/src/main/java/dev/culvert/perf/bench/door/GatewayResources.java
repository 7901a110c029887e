// SPDX-License-Identifier: Apache-2.0
package dev.culvert.perf.bench.door;

import dev.culvert.perf.bench.lane.Wire;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Base64;

/** The YAML of Culvert's door: listeners as the other doors have them, routes, and the server. */
record GatewayResources(DoorSite site) {

  String door() throws IOException {
    return """
    apiVersion: v1
    kind: Namespace
    metadata: {name: bench}
    ---
    apiVersion: v1
    kind: Secret
    metadata: {name: door, namespace: bench}
    type: kubernetes.io/tls
    data:
      tls.crt: %s
      tls.key: %s
    ---
    apiVersion: v1
    kind: ConfigMap
    metadata: {name: clients, namespace: bench}
    data:
      ca.crt: |
    %s
    ---
    apiVersion: gateway.networking.k8s.io/v1
    kind: Gateway
    metadata: {name: door, namespace: bench}
    spec:
      gatewayClassName: culvert-gateway
      tls:
        frontend:
          default:
            validation:
              caCertificateRefs: [{group: "", kind: ConfigMap, name: clients}]
      listeners:
        - {name: h1, port: %d, protocol: HTTP}
        - {name: h2c, port: %d, protocol: HTTP}
        - name: tls
          port: %d
          protocol: HTTPS
          tls: {certificateRefs: [{name: door}]}
    ---
    """
            .formatted(
                base64("certificate"),
                base64("key"),
                certificate("ca").indent(4),
                Wire.H1.port(),
                Wire.H2C.port(),
                Wire.H2_MTLS.port())
        + service("web");
  }

  /** The server behind the door, by a name. */
  String service(String name) throws IOException {
    return """
    apiVersion: v1
    kind: Service
    metadata: {name: %1$s, namespace: bench}
    spec: {ports: [{port: 80, targetPort: %2$d}]}
    ---
    apiVersion: discovery.k8s.io/v1
    kind: EndpointSlice
    metadata: {name: %1$s-a, namespace: bench, labels: {kubernetes.io/service-name: %1$s}}
    addressType: IPv4
    endpoints: [{addresses: [%3$s]}]
    ports: [{port: %2$d}]
    """
        .formatted(name, site.backend().port(), site.backend().address());
  }

  /** So many routes of one path each for a Gateway; the first is that of the load. */
  static String routes(String gateway, int count) {
    StringBuilder text = new StringBuilder(route(gateway, gateway + "-load", "/"));
    for (int i = 1; i < count; i++) {
      text.append("---\n")
          .append(route(gateway, gateway + "-" + i, "/teams/%d/service".formatted(i)));
    }
    return text.toString();
  }

  private static String route(String gateway, String name, String path) {
    return """
    apiVersion: gateway.networking.k8s.io/v1
    kind: HTTPRoute
    metadata: {name: %s, namespace: bench}
    spec:
      parentRefs: [{name: %s}]
      rules:
        - matches: [{path: {type: PathPrefix, value: %s}}]
          backendRefs: [{name: web, port: 80}]
    """
        .formatted(name, gateway, path);
  }

  private String base64(String file) throws IOException {
    return Base64.getEncoder()
        .encodeToString(certificate(file).getBytes(StandardCharsets.US_ASCII));
  }

  /** PEM. */
  private String certificate(String file) throws IOException {
    return Files.readString(Path.of(site.certificates().variables().get(file)));
  }
}
