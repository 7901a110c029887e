// SPDX-License-Identifier: Apache-2.0
package dev.culvert.controlplane.model;

import static org.assertj.core.api.Assertions.assertThat;

import dev.culvert.controlplane.discovery.ResourceSet;
import dev.culvert.policy.mesh.WaypointName;
import dev.culvert.policy.resource.Resource;
import dev.culvert.policy.resource.ResourceFiles;
import dev.culvert.policy.resource.ResourceKey;
import dev.culvert.policy.spiffe.TrustDomain;
import dev.culvert.policy.wire.waypoint.Document;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** Two namespaces with a waypoint and a service each, and what is told when files are applied. */
abstract class DocumentsCase {
  static final MeshNames NAMES =
      new MeshNames(
          new TrustDomain("cluster.local"), "Kubernetes", "", "cluster.local", List.of("root"));

  static final WaypointName SHOP = new WaypointName("shop", "way");

  static final WaypointName BANK = new WaypointName("bank", "way");

  final IncrementalModel model = new IncrementalModel(NAMES);

  final Map<String, String> folder = new TreeMap<>();

  ResourceFiles files = ResourceFiles.empty();

  DocumentsCase() {
    apply("bank.yaml", waypoint("bank") + service("bank", "store", "way"));
    apply("shop.yaml", waypoint("shop") + service("shop", "store", "way"));
    apply("other.yaml", service("shop", "other", "none"));
  }

  void apply(String file, String yaml) {
    folder.put(file, yaml);
    read();
  }

  void delete(String file) {
    folder.remove(file);
    read();
  }

  void read() {
    Map<ResourceKey, Resource> before = new HashMap<>();
    files.resources().forEach(one -> before.put(one.key(), one));
    files = files.with(folder);
    assertThat(files.errors()).isEmpty();
    List<Resource> put = new ArrayList<>();
    files.resources().stream()
        .filter(one -> !one.equals(before.remove(one.key())))
        .forEach(put::add);
    Map<ResourceKey, String> texts = new HashMap<>();
    files.written().forEach(one -> texts.put(one.resource().key(), one.text()));
    before.keySet().removeIf(key -> files.resources().stream().anyMatch(r -> r.key().equals(key)));
    model.update(put, texts, before.keySet());
  }

  List<String> told(WaypointName waypoint) {
    return List.copyOf(set(waypoint).byName().keySet());
  }

  ResourceSet set(WaypointName waypoint) {
    return model.current().discovery().documents().getOrDefault(waypoint, ResourceSet.EMPTY);
  }

  static String waypoint(String namespace) {
    return """
    ---
    apiVersion: gateway.networking.k8s.io/v1
    kind: Gateway
    metadata: {name: way, namespace: %s}
    spec:
      gatewayClassName: culvert-waypoint
      listeners: [{name: mesh, port: 15008, protocol: HBONE}]
    """
        .formatted(namespace);
  }

  static String service(String namespace, String name, String use) {
    return """
    ---
    apiVersion: v1
    kind: Service
    metadata: {name: %s, namespace: %s, labels: {culvert.dev/use-waypoint: %s}}
    spec: {clusterIP: 198.19.0.9, selector: {app: x}, ports: [{name: http, port: 80}]}
    """
        .formatted(name, namespace, use);
  }

  static String policy(String name, String namespace, String target) {
    return """
    ---
    apiVersion: policy.culvert.dev/v1alpha1
    kind: AuthorizationPolicy
    metadata: {name: %s, namespace: %s}
    spec: {targetRefs: [%s], action: DENY, rules: [{}]}
    """
        .formatted(name, namespace, target);
  }

  static String route(String namespace, String parent, String backend) {
    return """
    ---
    apiVersion: gateway.networking.k8s.io/v1
    kind: HTTPRoute
    metadata: {name: r, namespace: %s}
    spec:
      parentRefs: [{group: "", kind: Service, %s}]
      rules: [{backendRefs: [{%s, port: 80}]}]
    """
        .formatted(namespace, parent, backend);
  }

  static final String ALL = "{namespaces: {from: All}}";

  static final WaypointName DOOR = new WaypointName("shop", "door");

  static String door(String tls, String routes) {
    return """
    ---
    apiVersion: gateway.networking.k8s.io/v1
    kind: Gateway
    metadata: {name: door, namespace: shop}
    spec:
      gatewayClassName: culvert-gateway
      listeners:
        - {name: https, port: 443, protocol: HTTPS, tls: {certificateRefs: [%s]}, allowedRoutes: {namespaces: %s}}
    """
        .formatted(tls, routes);
  }

  static String secret(String namespace, String name, String type) {
    return """
    ---
    apiVersion: v1
    kind: Secret
    metadata: {name: %s, namespace: %s}
    type: %s
    stringData: {tls.crt: c, tls.key: k}
    """
        .formatted(name, namespace, type);
  }

  static String doorRoute(String namespace, String name) {
    return route(namespace, "name: x", "name: store")
        .replace("{group: \"\", kind: Service, name: x}", "{name: door, namespace: shop}")
        .replace("{name: r,", "{name: %s,".formatted(name));
  }

  static String streamRoute(String kind, String name, String parent, String backend) {
    return """
    ---
    apiVersion: gateway.networking.k8s.io/v1alpha2
    kind: %s
    metadata: {name: %s, namespace: shop}
    spec:
      parentRefs: [{%s}]
      rules: [{backendRefs: [{%s, port: 80}]}]
    """
        .formatted(kind, name, parent, backend);
  }

  static final String SET =
      """
      ---
      apiVersion: gateway.networking.k8s.io/v1
      kind: ListenerSet
      metadata: {name: more, namespace: bank}
      spec:
        parentRef: {name: door, namespace: shop}
        listeners: [{name: https, port: 444, protocol: HTTPS, tls: {certificateRefs: [%s]}}]
      """;

  static String allowing(String listeners) {
    return door("{name: tls}", "{from: Same}")
        + "  allowedListeners: {namespaces: "
        + listeners
        + "}\n";
  }

  static final String BACKEND_TLS =
      """
      ---
      apiVersion: gateway.networking.k8s.io/v1
      kind: BackendTLSPolicy
      metadata: {name: secure, namespace: shop}
      spec:
        targetRefs: [{group: "", kind: Service, name: %s}]
        validation: {caCertificateRefs: [{group: "", kind: ConfigMap, name: backends}], hostname: store.example}
      """;

  String document(String name) throws Exception {
    return set(DOOR).get(name).orElseThrow().getResource().unpack(Document.class).getJson();
  }
}
