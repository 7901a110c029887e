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
    apiVersion: gateway.networking.k8s.io/v1
    kind: Gateway
    metadata: {name: door, namespace: bench}
    spec:
      gatewayClassName: culvert-gateway
      listeners:
        - {name: h1, port: %d, protocol: HTTP}
        - {name: h2c, port: %d, protocol: HTTP}
        - name: tls
          port: %d
          protocol: HTTPS
          tls: {certificateRefs: [{name: door}]}
    ---
    apiVersion: v1
    kind: Service
    metadata: {name: web, namespace: bench}
    spec: {ports: [{port: 80, targetPort: %d}]}
    ---
    apiVersion: discovery.k8s.io/v1
    kind: EndpointSlice
    metadata: {name: web-a, namespace: bench, labels: {kubernetes.io/service-name: web}}
    addressType: IPv4
    endpoints: [{addresses: [%s]}]
    ports: [{port: %d}]
    """
        .formatted(
            base64("certificate"),
            base64("key"),
            Wire.H1.port(),
            Wire.H2C.port(),
            Wire.H2_TLS.port(),
            site.backend().port(),
            site.backend().address(),
            site.backend().port());
  }

  /** So many routes of one path each; the first is that of the load. */
  static String routes(int count) {
    StringBuilder text = new StringBuilder(route("load", "/"));
    for (int i = 1; i < count; i++) {
      text.append("---\n").append(route("other-" + i, "/teams/%d/service".formatted(i)));
    }
    return text.toString();
  }

  private static String route(String name, String path) {
    return """
    apiVersion: gateway.networking.k8s.io/v1
    kind: HTTPRoute
    metadata: {name: %s, namespace: bench}
    spec:
      parentRefs: [{name: door}]
      rules:
        - matches: [{path: {type: PathPrefix, value: %s}}]
          backendRefs: [{name: web, port: 80}]
    """
        .formatted(name, path);
  }

  private String base64(String file) throws IOException {
    String pem = Files.readString(Path.of(site.certificates().variables().get(file)));
    return Base64.getEncoder().encodeToString(pem.getBytes(StandardCharsets.US_ASCII));
  }
}
