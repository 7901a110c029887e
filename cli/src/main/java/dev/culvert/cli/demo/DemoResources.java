// SPDX-License-Identifier: Apache-2.0
package dev.culvert.cli.demo;

import dev.culvert.cli.lab.LabApps;

/** The YAML of the demo's mesh, as it would be applied to a cluster. */
final class DemoResources {
  /** The namespace that is in the mesh. */
  static final String SHOP = "shop";

  /** A namespace that is not. */
  static final String STREET = "street";

  static final String WEB_VIP = "198.19.0.10";
  static final String DB_VIP = "198.19.0.20";
  static final int HTTP = 80;
  static final int ECHO = LabApps.ECHO_PORT;

  static final String NAMESPACES =
      """
      apiVersion: v1
      kind: Namespace
      metadata:
        name: shop
        labels:
          culvert.dev/dataplane-mode: ambient
      ---
      apiVersion: v1
      kind: Namespace
      metadata:
        name: street
      """;

  /** The Gateway of the namespace's waypoint, its service and its pod. */
  static final String WAYPOINT = "waypoint";

  static final String SERVICES =
      service("web", WEB_VIP, "fd00:c01:ffff::10")
          + "---\n"
          + service("db", DB_VIP, "fd00:c01:ffff::20");

  /** {@code store} is web behind a waypoint, and each version has a service of its own. */
  static final String STORE =
      """
      apiVersion: gateway.networking.k8s.io/v1
      kind: Gateway
      metadata: {name: waypoint, namespace: shop}
      spec:
        gatewayClassName: culvert-waypoint
        listeners: [{name: mesh, port: 15008, protocol: HBONE}]
      ---
      apiVersion: v1
      kind: Service
      metadata: {name: waypoint, namespace: shop}
      spec:
        clusterIP: 198.19.0.30
        selector: {gateway.networking.k8s.io/gateway-name: waypoint}
        ports: [{name: mesh, port: 15008}]
      """
          + store("store", "198.19.0.40", "culvert.dev/use-waypoint: waypoint", "app: web")
          + store("store-v1", "198.19.0.41", "", "app: web, version: v1")
          + store("store-v2", "198.19.0.42", "", "app: web, version: v2");

  /** Only the web servers may talk to the database. */
  static final String DB_POLICY =
      """
      apiVersion: policy.culvert.dev/v1alpha1
      kind: AuthorizationPolicy
      metadata:
        name: db-for-web-only
        namespace: shop
      spec:
        selector:
          matchLabels:
            app: db
        action: ALLOW
        rules:
          - from:
              - source:
                  principals: ["cluster.local/ns/shop/sa/web"]
      """;

  private DemoResources() {}

  /** Whether plaintext from outside the mesh is taken: STRICT or PERMISSIVE. */
  static String peerAuthentication(String mode) {
    return """
    apiVersion: policy.culvert.dev/v1alpha1
    kind: PeerAuthentication
    metadata:
      name: default
      namespace: shop
    spec:
      mtls:
        mode: %s
    """
        .formatted(mode);
  }

  /** An HTTPRoute of the store with these rules, indented by two. */
  static String route(String rules) {
    return """
    apiVersion: gateway.networking.k8s.io/v1
    kind: HTTPRoute
    metadata: {name: store, namespace: shop}
    spec:
      parentRefs: [{group: "", kind: Service, name: store}]
      rules:
    """
        + rules;
  }

  private static String store(String name, String ip4, String labels, String selector) {
    return """
    ---
    apiVersion: v1
    kind: Service
    metadata: {name: %s, namespace: shop, labels: {%s}}
    spec:
      clusterIP: %s
      selector: {%s}
      ports: [{name: http, port: %d, targetPort: %d}]
    """
        .formatted(name, labels, ip4, selector, HTTP, LabApps.HTTP_PORT);
  }

  private static String service(String name, String ip4, String ip6) {
    return """
    apiVersion: v1
    kind: Service
    metadata:
      name: %s
      namespace: shop
    spec:
      clusterIP: %s
      clusterIPs: ["%s", "%s"]
      selector:
        app: %s
      ports:
        - name: http
          port: %d
          targetPort: %d
        - name: echo
          port: %d
          targetPort: %d
    """
        .formatted(name, ip4, ip4, ip6, name, HTTP, LabApps.HTTP_PORT, ECHO, ECHO);
  }
}
