// SPDX-License-Identifier: Apache-2.0
package dev.culvert.tests.scenario;

import dev.culvert.tests.hostile.CertificateAuthority;

/** The front door lock, what leads through it, and what those who come have to prove. */
final class LockYaml {
  static final int HTTP = 80;
  static final int HTTPS = 443;
  static final int TCP = 5432;
  static final int LENT = 8081;

  private LockYaml() {}

  static final String FRONTEND =
      "frontend: {default: {validation: {caCertificateRefs: "
          + "[{group: \"\", kind: ConfigMap, name: lock-authority}]}}}";

  /**
   * @param tls of the Gateway; empty for none
   * @param lending which namespaces may add listeners; empty for none
   */
  static String door(String tls, String lending) {
    String standard =
        """
        ---
        apiVersion: gateway.networking.k8s.io/v1
        kind: Gateway
        metadata: {name: lock, namespace: mesh}
        spec:
          gatewayClassName: culvert-gateway
          listeners:
            - {name: http, port: %d, protocol: HTTP}
            - {name: https, port: %d, protocol: HTTPS, tls: {certificateRefs: [{name: lock-tls}]}}
            - {name: tcp, port: %d, protocol: TCP}
        """
            .formatted(HTTP, HTTPS, TCP);
    return standard
        + (tls.isEmpty() ? "" : "  tls: {" + tls + "}\n")
        + (lending.isEmpty() ? "" : "  allowedListeners: {namespaces: " + lending + "}\n");
  }

  static String set() {
    return """
    ---
    apiVersion: gateway.networking.k8s.io/v1
    kind: ListenerSet
    metadata: {name: lent, namespace: bank}
    spec:
      parentRef: {name: lock, namespace: mesh}
      listeners:
        - {name: http, port: %d, protocol: HTTP, allowedRoutes: {namespaces: {from: All}}}
    """
        .formatted(LENT);
  }

  static String routes(String parents) {
    return """
    ---
    apiVersion: gateway.networking.k8s.io/v1
    kind: HTTPRoute
    metadata: {name: lock, namespace: mesh}
    spec:
      parentRefs: [%s]
      rules:
        - matches: [{path: {type: PathPrefix, value: /asking}}]
          backendRefs: [{name: lock-asking, port: 80}]
        - backendRefs: [{name: lock-open, port: 80}]
    ---
    apiVersion: gateway.networking.k8s.io/v1alpha2
    kind: TCPRoute
    metadata: {name: lock, namespace: mesh}
    spec:
      parentRefs: [{name: lock, sectionName: tcp}]
      rules: [{backendRefs: [{name: lock-open, port: 80}]}]
    """
        .formatted(parents);
  }

  static String backendTls(String name) {
    return """
    ---
    apiVersion: gateway.networking.k8s.io/v1
    kind: BackendTLSPolicy
    metadata: {name: lock, namespace: mesh}
    spec:
      targetRefs:
        - {group: "", kind: Service, name: lock-open}
        - {group: "", kind: Service, name: lock-asking, sectionName: http}
      validation:
        caCertificateRefs: [{group: "", kind: ConfigMap, name: lock-authority}]
        hostname: %s
    """
        .formatted(name);
  }

  static String authority(CertificateAuthority authority) {
    return """
    ---
    apiVersion: v1
    kind: ConfigMap
    metadata: {name: lock-authority, namespace: mesh}
    data:
      ca.crt: |
    %s
    """
        .formatted(authority.pem().indent(4).stripTrailing());
  }

  static String denying(String principal) {
    return """
    ---
    apiVersion: policy.culvert.dev/v1alpha1
    kind: AuthorizationPolicy
    metadata: {name: lock, namespace: mesh}
    spec:
      targetRefs: [{group: gateway.networking.k8s.io, kind: Gateway, name: lock}]
      action: DENY
      rules: [{from: [{source: {principals: ["%s"]}}]}]
    """
        .formatted(principal);
  }
}
