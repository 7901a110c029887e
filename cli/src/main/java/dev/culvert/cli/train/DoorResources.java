// SPDX-License-Identifier: Apache-2.0
package dev.culvert.cli.train;

import dev.culvert.cli.lab.LabApps;
import dev.culvert.cli.lab.LabResources;
import java.io.IOException;

/**
 * The YAML of the trained front door and waypoint: the service behind them, their routes and
 * policies.
 *
 * @param folder where it goes
 */
record DoorResources(LabResources folder) {
  /** The service that uses the waypoint. */
  static final String SERVICE_IP = "198.19.0.10";

  static final int HTTP = 80;
  static final int HTTPS = 443;

  private static final String ROUTES = "routes.yaml";
  private static final String POLICIES = "policies.yaml";

  private static final String GATEWAYS =
      """
      apiVersion: gateway.networking.k8s.io/v1
      kind: Gateway
      metadata: {name: way, namespace: train}
      spec:
        gatewayClassName: culvert-waypoint
        listeners: [{name: mesh, port: 15008, protocol: HBONE}]
      ---
      apiVersion: v1
      kind: Service
      metadata: {name: way, namespace: train}
      spec:
        clusterIP: 198.19.0.30
        selector: {gateway.networking.k8s.io/gateway-name: way}
        ports: [{name: mesh, port: 15008}]
      ---
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
          - name: https
            port: %2$d
            protocol: HTTPS
            hostname: %3$s
            tls: {certificateRefs: [{name: door}]}
      ---
      apiVersion: v1
      kind: Service
      metadata: {name: web, namespace: train, labels: {culvert.dev/use-waypoint: way}}
      spec:
        clusterIP: %4$s
        selector: {app: far}
        ports: [{name: http, port: %1$d, targetPort: %5$d}]
      """
          .formatted(HTTP, HTTPS, DoorKey.HOST, SERVICE_IP, LabApps.HTTP_PORT);

  /** What is changed of a request and its answer. */
  private static final String FILTERS =
      """
          filters:
            - {type: RequestHeaderModifier, requestHeaderModifier: {set: [{name: x-train, value: "1"}]}}
            - {type: ResponseHeaderModifier, responseHeaderModifier: {add: [{name: x-train, value: "2"}]}}
          timeouts: {request: 10s}
      """;

  /** A waypoint, a front door that asks for certificates, a service, and a route for each. */
  void write(DoorKey key) throws IOException {
    folder.write("gateways.yaml", GATEWAYS);
    folder.write("clients.yaml", secret(key));
    folder.write(ROUTES, routes(""));
  }

  /** From now on every request is changed and has a time limit. */
  void changeRoutes() throws IOException {
    folder.write(ROUTES, routes(FILTERS));
  }

  /** From now on every request is refused. */
  void refuse() throws IOException {
    folder.write(POLICIES, policy("door") + "---\n" + policy("way"));
  }

  /** From now on none is. */
  void refuseNoMore() throws IOException {
    folder.delete(POLICIES);
  }

  private static String routes(String more) {
    return route("door", "name: door", more)
        + "---\n"
        + route("mesh", "group: \"\", kind: Service, name: web", more);
  }

  private static String route(String name, String parent, String more) {
    return """
    apiVersion: gateway.networking.k8s.io/v1
    kind: HTTPRoute
    metadata: {name: %s, namespace: train}
    spec:
      parentRefs: [{%s}]
      rules:
        - backendRefs: [{name: web, port: %d}]
          matches: [{path: {type: PathPrefix, value: /train}}]
    """
            .formatted(name, parent, HTTP)
        + more;
  }

  private static String policy(String gateway) {
    return """
    apiVersion: policy.culvert.dev/v1alpha1
    kind: AuthorizationPolicy
    metadata: {name: %1$s, namespace: train}
    spec:
      targetRefs: [{group: gateway.networking.k8s.io, kind: Gateway, name: %1$s}]
      action: DENY
      rules: [{to: [{operation: {paths: ["/train*"]}}]}]
    """
        .formatted(gateway);
  }

  /** What the front door shows, and whose certificates it takes. */
  static String secret(DoorKey key) throws IOException {
    return """
    apiVersion: v1
    kind: Secret
    metadata: {name: door, namespace: train}
    type: kubernetes.io/tls
    stringData:
      tls.crt: |
    %1$s
      tls.key: |
    %2$s
    ---
    apiVersion: v1
    kind: ConfigMap
    metadata: {name: clients, namespace: train}
    data:
      ca.crt: |
    %1$s
    """
        .formatted(
            key.certificate().indent(4).stripTrailing(), key.key().indent(4).stripTrailing());
  }
}
