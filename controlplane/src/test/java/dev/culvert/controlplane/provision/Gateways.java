// SPDX-License-Identifier: Apache-2.0
package dev.culvert.controlplane.provision;

/** Gateways and what they name, as somebody applies them. */
final class Gateways {
  /** Of a class, with more of its infrastructure. */
  static final String OF_CLASS =
      """
      apiVersion: gateway.networking.k8s.io/v1
      kind: Gateway
      metadata: {name: store, namespace: shop, uid: gw-1, generation: 3}
      spec:
        gatewayClassName: %s
        listeners: [{name: mesh, port: 15008, protocol: HBONE}]
        infrastructure:
          labels: {team: shop, gateway.networking.k8s.io/gateway-name: other}
          annotations: {example.com/note: hello}
          %s
      """;

  /** A front door, with more of its infrastructure. */
  static final String DOOR =
      """
      apiVersion: gateway.networking.k8s.io/v1
      kind: Gateway
      metadata: {name: store, namespace: shop, uid: gw-1, generation: 3}
      spec:
        gatewayClassName: culvert-gateway
        listeners:
          - {name: http, port: 80, protocol: HTTP}
          - {name: a, port: 443, protocol: HTTPS, hostname: a.example, tls: {certificateRefs: [{name: a}]}}
          - {name: b, port: 443, protocol: HTTPS, hostname: b.example, tls: {certificateRefs: [{name: b}]}}
          - {name: raw, port: 9000, protocol: TCP}
        infrastructure: {%s}
      """;

  static final String PARAMETERS = "parametersRef: {group: \"\", kind: ConfigMap, name: size}";

  private Gateways() {}

  static String size(String data) {
    return """
        apiVersion: v1
        kind: ConfigMap
        metadata: {name: size, namespace: shop}
        data: %s
        """
        .formatted(data);
  }

  static String gatewayClass(String controller) {
    return """
        apiVersion: gateway.networking.k8s.io/v1
        kind: GatewayClass
        metadata: {name: culvert-waypoint}
        spec: {controllerName: %s}
        """
        .formatted(controller);
  }
}
