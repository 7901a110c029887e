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

  static final String SERVICES =
      service("web", WEB_VIP, "fd00:c01:ffff::10")
          + "---\n"
          + service("db", DB_VIP, "fd00:c01:ffff::20");

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
