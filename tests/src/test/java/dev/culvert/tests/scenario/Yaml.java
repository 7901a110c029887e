// SPDX-License-Identifier: Apache-2.0
package dev.culvert.tests.scenario;

import dev.culvert.tests.hostile.PeerCertificate;
import java.net.InetAddress;

/** Documents of the namespace mesh, as they stand in many a scenario. */
final class Yaml {
  private Yaml() {}

  /** A service of the pods of an app at port 80, whose name tells what is spoken there. */
  static String service(String name, InetAddress address, String app, String port, int target) {
    return """
    ---
    apiVersion: v1
    kind: Service
    metadata: {name: %s, namespace: mesh}
    spec:
      clusterIP: %s
      selector: {app: %s}
      ports: [{name: %s, port: 80, targetPort: %d}]
    """
        .formatted(name, address.getHostAddress(), app, port, target);
  }

  /**
   * A waypoint and the service that leads to it.
   *
   * @param routes whose routes it takes: Same for those of its namespace, or All
   */
  static String waypoint(String name, InetAddress address, String routes) {
    return """
    ---
    apiVersion: gateway.networking.k8s.io/v1
    kind: Gateway
    metadata: {name: %1$s, namespace: mesh}
    spec:
      gatewayClassName: culvert-waypoint
      listeners: [{name: mesh, port: 15008, protocol: HBONE, allowedRoutes: {namespaces: {from: %3$s}}}]
    ---
    apiVersion: v1
    kind: Service
    metadata: {name: %1$s, namespace: mesh}
    spec:
      clusterIP: %2$s
      selector: {gateway.networking.k8s.io/gateway-name: %1$s}
      ports: [{name: mesh, port: 15008}]
    """
        .formatted(name, address.getHostAddress(), routes);
  }

  /** A certificate and its key. */
  static String secret(String name, PeerCertificate certificate) {
    return """
    ---
    apiVersion: v1
    kind: Secret
    metadata: {name: %s, namespace: mesh}
    type: kubernetes.io/tls
    stringData:
      tls.crt: |
    %s
      tls.key: |
    %s
    """
        .formatted(
            name,
            certificate.leafPem().indent(4).stripTrailing(),
            certificate.keyPem().indent(4).stripTrailing());
  }
}
