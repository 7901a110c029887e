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
import org.junit.jupiter.api.Test;

class WaypointDocumentsTest {
  private static final MeshNames NAMES =
      new MeshNames(
          new TrustDomain("cluster.local"), "Kubernetes", "", "cluster.local", List.of("root"));
  private static final WaypointName SHOP = new WaypointName("shop", "way");
  private static final WaypointName BANK = new WaypointName("bank", "way");

  private final IncrementalModel model = new IncrementalModel(NAMES);
  private final Map<String, String> folder = new TreeMap<>();
  private ResourceFiles files = ResourceFiles.empty();

  WaypointDocumentsTest() {
    apply("bank.yaml", waypoint("bank") + service("bank", "store", "way"));
    apply("shop.yaml", waypoint("shop") + service("shop", "store", "way"));
    apply("other.yaml", service("shop", "other", "none"));
  }

  private void apply(String file, String yaml) {
    folder.put(file, yaml);
    read();
  }

  private void delete(String file) {
    folder.remove(file);
    read();
  }

  private void read() {
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

  private List<String> told(WaypointName waypoint) {
    return List.copyOf(set(waypoint).byName().keySet());
  }

  private ResourceSet set(WaypointName waypoint) {
    return model.current().discovery().documents().getOrDefault(waypoint, ResourceSet.EMPTY);
  }

  private static String waypoint(String namespace) {
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

  private static String service(String namespace, String name, String use) {
    return """
    ---
    apiVersion: v1
    kind: Service
    metadata: {name: %s, namespace: %s, labels: {culvert.dev/use-waypoint: %s}}
    spec: {clusterIP: 198.19.0.9, selector: {app: x}, ports: [{name: http, port: 80}]}
    """
        .formatted(name, namespace, use);
  }

  private static String policy(String name, String namespace, String target) {
    return """
    ---
    apiVersion: policy.culvert.dev/v1alpha1
    kind: AuthorizationPolicy
    metadata: {name: %s, namespace: %s}
    spec: {targetRefs: [%s], action: DENY, rules: [{}]}
    """
        .formatted(name, namespace, target);
  }

  private static String route(String namespace, String parent, String backend) {
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

  @Test
  void waypointIsToldOfItsOwnOnly() {
    assertThat(told(SHOP)).containsExactly("Gateway shop/way");
    apply(
        "policies.yaml",
        policy("gateway", "shop", "{kind: Gateway, name: way}")
            + policy("service", "shop", "{kind: Service, name: store}")
            + policy("unbound", "shop", "{kind: Service, name: other}")
            + policy("entry", "shop", "{kind: ServiceEntry, name: store}")
            + policy("class", "root", "{kind: GatewayClass, name: culvert-waypoint}")
            + policy("class", "shop", "{kind: GatewayClass, name: culvert-waypoint}"));
    assertThat(told(SHOP))
        .containsExactly(
            "AuthorizationPolicy root/class",
            "AuthorizationPolicy shop/entry",
            "AuthorizationPolicy shop/gateway",
            "AuthorizationPolicy shop/service",
            "Gateway shop/way");
    assertThat(told(BANK)).containsExactly("AuthorizationPolicy root/class", "Gateway bank/way");
  }

  @Test
  void routesOfOtherNamespacesAreToldWithTheService() {
    apply("route.yaml", route("bank", "name: store, namespace: shop", "name: store"));
    assertThat(told(SHOP)).containsExactly("Gateway shop/way", "HTTPRoute bank/r");
    assertThat(told(BANK)).containsExactly("Gateway bank/way");
  }

  @Test
  void grantIsToldToThoseWhoseRoutesNeedIt() {
    String grant =
        """
        ---
        apiVersion: gateway.networking.k8s.io/v1beta1
        kind: ReferenceGrant
        metadata: {name: %s, namespace: bank}
        spec:
          from: [{group: gateway.networking.k8s.io, kind: HTTPRoute, namespace: %s}]
          to: [{group: "", kind: Service}]
        """;
    apply("grants.yaml", grant.formatted("shop", "shop") + grant.formatted("else", "else"));
    apply("route.yaml", route("shop", "name: store", "name: store, namespace: bank"));
    assertThat(told(SHOP))
        .containsExactly("Gateway shop/way", "HTTPRoute shop/r", "ReferenceGrant bank/shop");
    assertThat(told(BANK)).containsExactly("Gateway bank/way");
    delete("route.yaml");
    assertThat(told(SHOP)).containsExactly("Gateway shop/way");
  }

  @Test
  void trafficPolicyIsToldToThoseThatSendThere() {
    String traffic =
        """
        ---
        apiVersion: policy.culvert.dev/v1alpha1
        kind: TrafficPolicy
        metadata: {name: %s, namespace: shop}
        spec: {targetRefs: [{group: "", kind: Service, name: %s}]}
        """;
    apply("traffic.yaml", traffic.formatted("own", "store") + traffic.formatted("v2", "other"));
    assertThat(told(SHOP)).containsExactly("Gateway shop/way", "TrafficPolicy shop/own");
    apply("route.yaml", route("shop", "name: store", "name: other"));
    assertThat(told(SHOP))
        .containsExactly(
            "Gateway shop/way",
            "HTTPRoute shop/r",
            "TrafficPolicy shop/own",
            "TrafficPolicy shop/v2");
    assertThat(told(BANK)).containsExactly("Gateway bank/way");
  }

  @Test
  void trafficPolicyOfARouteOrGatewayIsToldToWhoHasIt() {
    String traffic =
        """
        ---
        apiVersion: policy.culvert.dev/v1alpha1
        kind: TrafficPolicy
        metadata: {name: %1$s, namespace: shop}
        spec: {targetRefs: [{group: gateway.networking.k8s.io, kind: %2$s, name: %3$s}], %4$s}
        """;
    apply("door.yaml", door("{name: tls}", "{from: Same}"));
    apply("route.yaml", doorRoute("shop", "web"));
    apply(
        "traffic.yaml",
        traffic.formatted("a", "HTTPRoute", "web", "rateLimit: {requests: 1}")
            + traffic.formatted("b", "HTTPRoute", "other", "rateLimit: {requests: 1}")
            + traffic.formatted("c", "Gateway", "door", "proxyProtocol: {acceptFrom: [10.0.0.1]}"));
    assertThat(told(DOOR))
        .containsExactly(
            "Gateway shop/door",
            "HTTPRoute shop/web",
            "TrafficPolicy shop/a",
            "TrafficPolicy shop/c");
    assertThat(told(SHOP)).containsExactly("Gateway shop/way");
  }

  @Test
  void providersOfPoliciesAreToldToAll() {
    String config =
        """
        ---
        apiVersion: v1
        kind: ConfigMap
        metadata: {name: istio, namespace: %s}
        data:
          mesh: |
            extensionProviders:
              - name: authz
                envoyExtAuthzGrpc: {service: authz.shop.svc.cluster.local, port: 9000}
        """;
    apply("mesh.yaml", config.formatted("root") + config.formatted("shop"));
    assertThat(told(SHOP)).containsExactly("ConfigMap root/istio", "Gateway shop/way");
    assertThat(told(BANK)).containsExactly("ConfigMap root/istio", "Gateway bank/way");
  }

  @Test
  void serviceThatMovesTakesItsPoliciesAlong() {
    apply("policies.yaml", policy("p", "shop", "{kind: Service, name: store}"));
    assertThat(told(SHOP)).contains("AuthorizationPolicy shop/p");
    apply(
        "shop.yaml",
        waypoint("shop")
            + service("shop", "store", "way")
                .replace("way}", "way, culvert.dev/use-waypoint-namespace: bank}"));
    assertThat(told(SHOP)).containsExactly("Gateway shop/way");
    assertThat(told(BANK)).as("it does not take the namespace").containsExactly("Gateway bank/way");
    apply("bank.yaml", waypoint("bank").replace("HBONE", "HBONE, allowedRoutes: " + ALL));
    assertThat(told(SHOP)).containsExactly("Gateway shop/way");
    assertThat(told(BANK)).contains("AuthorizationPolicy shop/p");
  }

  private static final String ALL = "{namespaces: {from: All}}";

  @Test
  void bothOfACanaryAreTold() {
    apply("policies.yaml", policy("p", "shop", "{kind: Service, name: store}"));
    apply(
        "shop.yaml",
        waypoint("shop")
            + waypoint("shop").replace("name: way", "name: next")
            + service("shop", "store", "way, culvert.dev/use-waypoint-canary: next")
                .replace(
                    "labels:",
                    "annotations: {culvert.dev/use-waypoint-canary-weight: '5'}, labels:"));
    assertThat(told(SHOP)).contains("AuthorizationPolicy shop/p");
    assertThat(told(new WaypointName("shop", "next"))).contains("AuthorizationPolicy shop/p");
  }

  @Test
  void selectorPolicyIsForPodsAndToldToNoWaypoint() {
    apply(
        "policies.yaml",
        policy("p", "shop", "").replace("targetRefs: []", "selector: {matchLabels: {app: x}}"));
    assertThat(told(SHOP)).containsExactly("Gateway shop/way");
  }

  @Test
  void whatIsToldSaysWhatItIsFor() throws Exception {
    apply("policies.yaml", policy("p", "shop", "{kind: Service, name: store}"));
    Document document =
        set(SHOP)
            .get("AuthorizationPolicy shop/p")
            .orElseThrow()
            .getResource()
            .unpack(Document.class);
    assertThat(document.getTargetsList())
        .singleElement()
        .satisfies(
            target -> {
              assertThat(target.getKind()).isEqualTo("Service");
              assertThat(target.getNamespace()).isEqualTo("shop");
              assertThat(target.getName()).isEqualTo("store");
            });
    assertThat(document.getJson()).startsWith("{\"apiVersion\":").contains("\"action\":\"DENY\"");
  }

  @Test
  void whatDoesNotConcernItLeavesItsSetAsItIs() {
    ResourceSet before = set(SHOP);
    apply("policies.yaml", policy("p", "bank", "{kind: Service, name: store}"));
    apply("more.yaml", service("shop", "more", "none"));
    assertThat(set(SHOP)).isSameAs(before);
    assertThat(told(BANK)).contains("AuthorizationPolicy bank/p");
  }

  @Test
  void gatewayThatIsGoneIsToldNothing() {
    delete("shop.yaml");
    assertThat(model.current().discovery().documents()).containsOnlyKeys(BANK);
  }

  private static final WaypointName DOOR = new WaypointName("shop", "door");

  private static String door(String tls, String routes) {
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

  private static String secret(String namespace, String name, String type) {
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

  private static String doorRoute(String namespace, String name) {
    return route(namespace, "name: x", "name: store")
        .replace("{group: \"\", kind: Service, name: x}", "{name: door, namespace: shop}")
        .replace("{name: r,", "{name: %s,".formatted(name));
  }

  @Test
  void frontDoorIsToldItsRoutesAndCertificatesAndNoOtherSecrets() {
    apply("door.yaml", door("{name: tls}", "{from: Same}"));
    apply("route.yaml", doorRoute("shop", "web"));
    apply(
        "secrets.yaml",
        secret("shop", "tls", "kubernetes.io/tls")
            + secret("shop", "other", "kubernetes.io/tls")
            + secret("bank", "tls", "kubernetes.io/tls"));
    assertThat(told(DOOR))
        .containsExactly("Gateway shop/door", "HTTPRoute shop/web", "Secret shop/tls");
    assertThat(told(SHOP)).containsExactly("Gateway shop/way");
  }

  private static String streamRoute(String kind, String name, String parent, String backend) {
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

  @Test
  void frontDoorIsToldTheRoutesOfItsConnections() {
    String grant =
        """
        ---
        apiVersion: gateway.networking.k8s.io/v1beta1
        kind: ReferenceGrant
        metadata: {name: %2$s, namespace: bank}
        spec:
          from: [{group: gateway.networking.k8s.io, kind: %1$s, namespace: shop}]
          to: [{group: "", kind: Service}]
        """;
    String traffic =
        """
        ---
        apiVersion: policy.culvert.dev/v1alpha1
        kind: TrafficPolicy
        metadata: {name: store, namespace: bank}
        spec: {targetRefs: [{group: "", kind: Service, name: store}]}
        """;
    apply("door.yaml", door("{name: tls}", "{from: Same}"));
    apply(
        "routes.yaml",
        streamRoute("TCPRoute", "db", "name: door", "name: store, namespace: bank")
            + streamRoute("TLSRoute", "vault", "name: door", "name: other")
            + streamRoute("TCPRoute", "else", "name: else", "name: other"));
    apply(
        "grants.yaml",
        grant.formatted("TCPRoute", "tcp") + grant.formatted("TLSRoute", "tls") + traffic);
    assertThat(told(DOOR))
        .containsExactly(
            "Gateway shop/door",
            "ReferenceGrant bank/tcp",
            "TCPRoute shop/db",
            "TLSRoute shop/vault",
            "TrafficPolicy bank/store");
  }

  private static final String SET =
      """
      ---
      apiVersion: gateway.networking.k8s.io/v1
      kind: ListenerSet
      metadata: {name: more, namespace: bank}
      spec:
        parentRef: {name: door, namespace: shop}
        listeners: [{name: https, port: 444, protocol: HTTPS, tls: {certificateRefs: [%s]}}]
      """;

  private static String allowing(String listeners) {
    return door("{name: tls}", "{from: Same}")
        + "  allowedListeners: {namespaces: "
        + listeners
        + "}\n";
  }

  @Test
  void listenersOfOthersAreToldToTheDoorThatAllowsThem() {
    String route =
        route("bank", "name: x", "name: store")
            .replace("{group: \"\", kind: Service, name: x}", "{kind: ListenerSet, name: more}");
    apply(
        "set.yaml",
        SET.formatted("{name: lent}") + route + secret("bank", "lent", "kubernetes.io/tls"));
    apply("door.yaml", door("{name: tls}", "{from: Same}"));
    assertThat(told(DOOR)).containsExactly("Gateway shop/door");
    apply("door.yaml", allowing("{from: All}"));
    assertThat(told(DOOR))
        .containsExactly(
            "Gateway shop/door", "HTTPRoute bank/r", "ListenerSet bank/more", "Secret bank/lent");
    apply("door.yaml", allowing("{from: Same}"));
    assertThat(told(DOOR)).containsExactly("Gateway shop/door");
  }

  @Test
  void namespaceThatLendsListenersIsToldWhereItsLabelsDecide() {
    String namespace =
        "---\napiVersion: v1\nkind: Namespace\nmetadata: {name: bank, labels: {lends: %s}}\n";
    apply("set.yaml", SET.formatted("{name: lent}"));
    apply("door.yaml", allowing("{from: Selector, selector: {matchLabels: {lends: doors}}}"));
    apply("bank-namespace.yaml", namespace.formatted("nothing"));
    assertThat(told(DOOR)).containsExactly("Gateway shop/door");
    apply("bank-namespace.yaml", namespace.formatted("doors"));
    assertThat(told(DOOR))
        .containsExactly("Gateway shop/door", "ListenerSet bank/more", "Namespace bank");
  }

  @Test
  void certificatesOfASetNeedGrantsForSets() {
    String grant =
        """
        ---
        apiVersion: gateway.networking.k8s.io/v1beta1
        kind: ReferenceGrant
        metadata: {name: %2$s, namespace: vault}
        spec:
          from: [{group: gateway.networking.k8s.io, kind: %1$s, namespace: bank}]
          to: [{group: "", kind: Secret}]
        """;
    apply("door.yaml", allowing("{from: All}"));
    apply("set.yaml", SET.formatted("{name: lent, namespace: vault}"));
    apply(
        "vault.yaml",
        secret("vault", "lent", "kubernetes.io/tls") + grant.formatted("Gateway", "doors"));
    assertThat(told(DOOR)).containsExactly("Gateway shop/door", "ListenerSet bank/more");
    apply("grant.yaml", grant.formatted("ListenerSet", "sets"));
    assertThat(told(DOOR))
        .containsExactly(
            "Gateway shop/door",
            "ListenerSet bank/more",
            "ReferenceGrant vault/sets",
            "Secret vault/lent");
  }

  @Test
  void authoritiesOfClientsAreToldToTheDoorThatAsksThem() {
    String authority =
        """
        ---
        apiVersion: v1
        kind: ConfigMap
        metadata: {name: %s, namespace: shop}
        data: {ca.crt: c}
        """;
    String frontend =
        """
          tls:
            frontend:
              default: {validation: {caCertificateRefs: [{group: "", kind: ConfigMap, name: clients}]}}
              perPort:
                - {port: 443, tls: {validation: {caCertificateRefs: [{group: "", kind: ConfigMap, name: of-443}]}}}
        """;
    apply("authorities.yaml", authority.formatted("clients") + authority.formatted("of-443"));
    apply("door.yaml", door("{name: tls}", "{from: Same}"));
    assertThat(told(DOOR)).containsExactly("Gateway shop/door");
    apply("door.yaml", door("{name: tls}", "{from: Same}") + frontend);
    assertThat(told(DOOR)).containsExactly("ConfigMap shop/of-443", "Gateway shop/door");
    apply(
        "door.yaml",
        door("{name: tls}", "{from: Same}").replace("port: 443", "port: 8443") + frontend);
    assertThat(told(DOOR)).containsExactly("ConfigMap shop/clients", "Gateway shop/door");
    assertThat(told(SHOP)).containsExactly("Gateway shop/way");
  }

  private static final String BACKEND_TLS =
      """
      ---
      apiVersion: gateway.networking.k8s.io/v1
      kind: BackendTLSPolicy
      metadata: {name: secure, namespace: shop}
      spec:
        targetRefs: [{group: "", kind: Service, name: %s}]
        validation: {caCertificateRefs: [{group: "", kind: ConfigMap, name: backends}], hostname: store.example}
      """;

  @Test
  void frontDoorIsToldTheAuthoritiesOfItsBackends() {
    String authority =
        """
        ---
        apiVersion: v1
        kind: ConfigMap
        metadata: {name: %s, namespace: shop}
        data: {ca.crt: c}
        """;
    apply("authorities.yaml", authority.formatted("backends") + authority.formatted("others"));
    apply("door.yaml", door("{name: tls}", "{from: Same}"));
    apply("route.yaml", doorRoute("shop", "web"));
    apply("tls.yaml", BACKEND_TLS.formatted("other"));
    assertThat(told(DOOR)).containsExactly("Gateway shop/door", "HTTPRoute shop/web");
    apply("tls.yaml", BACKEND_TLS.formatted("store"));
    assertThat(told(DOOR))
        .containsExactly(
            "BackendTLSPolicy shop/secure",
            "ConfigMap shop/backends",
            "Gateway shop/door",
            "HTTPRoute shop/web");
  }

  @Test
  void waypointIsToldTheAuthoritiesAndPortsOfTheBackendsOfItsRoutes() {
    apply(
        "authorities.yaml",
        """
        ---
        apiVersion: v1
        kind: ConfigMap
        metadata: {name: backends, namespace: shop}
        data: {ca.crt: c}
        """);
    apply("tls.yaml", BACKEND_TLS.formatted("other, sectionName: http"));
    assertThat(told(SHOP)).containsExactly("Gateway shop/way");
    apply("route.yaml", route("shop", "name: store", "name: store"));
    assertThat(told(SHOP)).doesNotContain("ConfigMap shop/backends");
    apply(
        "route.yaml",
        streamRoute("TCPRoute", "web", "group: \"\", kind: Service, name: store", "name: other"));
    assertThat(told(SHOP))
        .containsExactly(
            "BackendTLSPolicy shop/secure",
            "ConfigMap shop/backends",
            "Gateway shop/way",
            "Service shop/other",
            "TCPRoute shop/web");
  }

  @Test
  void portsOfAServiceAreToldWhereAPolicyNamesThem() throws Exception {
    apply("door.yaml", door("{name: tls}", "{from: Same}"));
    apply("route.yaml", doorRoute("shop", "web"));
    apply("tls.yaml", BACKEND_TLS.formatted("store, sectionName: http"));
    assertThat(told(DOOR)).contains("Service shop/store");
    assertThat(document("Service shop/store"))
        .isEqualTo(
            "{\"apiVersion\":\"v1\",\"kind\":\"Service\","
                + "\"metadata\":{\"name\":\"store\",\"namespace\":\"shop\"},"
                + "\"spec\":{\"ports\":[{\"name\":\"http\",\"port\":80,\"protocol\":\"TCP\"}]}}");
    apply("shop.yaml", waypoint("shop") + service("shop", "store", "way").replace("80", "81"));
    assertThat(document("Service shop/store")).contains("\"port\":81");
    assertThat(told(SHOP)).contains("Service shop/store");
    assertThat(told(BANK)).doesNotContain("Service shop/store");
  }

  private String document(String name) throws Exception {
    return set(DOOR).get(name).orElseThrow().getResource().unpack(Document.class).getJson();
  }

  @Test
  void certificateForBackendsIsToldToItsDoor() {
    apply(
        "secrets.yaml",
        secret("shop", "client", "kubernetes.io/tls") + secret("shop", "key", "Opaque"));
    String backend = "  tls: {backend: {clientCertificateRef: {name: %s}}}\n";
    apply("door.yaml", door("{name: tls}", "{from: Same}") + backend.formatted("client"));
    assertThat(told(DOOR)).containsExactly("Gateway shop/door", "Secret shop/client");
    apply("door.yaml", door("{name: tls}", "{from: Same}") + backend.formatted("key"));
    assertThat(told(DOOR)).containsExactly("Gateway shop/door");
  }

  @Test
  void routesOfConnectionsAreToldToTheWaypointOfTheirService() {
    apply(
        "routes.yaml",
        streamRoute("TCPRoute", "db", "group: \"\", kind: Service, name: store", "name: other"));
    assertThat(told(SHOP)).containsExactly("Gateway shop/way", "TCPRoute shop/db");
  }

  @Test
  void secretThatIsNoCertificateIsToldToNobody() {
    apply("door.yaml", door("{name: tls}", "{from: Same}"));
    apply("secrets.yaml", secret("shop", "tls", "Opaque"));
    assertThat(told(DOOR)).containsExactly("Gateway shop/door");
  }

  @Test
  void certificateOfAnotherNamespaceNeedsItsGrant() {
    String grant =
        """
        ---
        apiVersion: gateway.networking.k8s.io/v1beta1
        kind: ReferenceGrant
        metadata: {name: %s, namespace: bank}
        spec:
          from: [{group: gateway.networking.k8s.io, kind: Gateway, namespace: %s}]
          to: [{group: "", kind: Secret, name: tls}]
        """;
    apply("door.yaml", door("{name: tls, namespace: bank}", "{from: Same}"));
    apply("secrets.yaml", secret("bank", "tls", "kubernetes.io/tls"));
    assertThat(told(DOOR)).containsExactly("Gateway shop/door");
    apply("grants.yaml", grant.formatted("shop", "shop") + grant.formatted("else", "else"));
    assertThat(told(DOOR))
        .containsExactly("Gateway shop/door", "ReferenceGrant bank/shop", "Secret bank/tls");
    delete("grants.yaml");
    assertThat(told(DOOR)).containsExactly("Gateway shop/door");
  }

  @Test
  void namespacesAreToldWhereAListenerAsksForTheirLabels() {
    String namespace =
        "---\napiVersion: v1\nkind: Namespace\nmetadata: {name: bank, labels: {door: open}}\n";
    apply("route.yaml", doorRoute("bank", "web") + namespace);
    apply("door.yaml", door("{name: tls}", "{from: All}"));
    assertThat(told(DOOR)).containsExactly("Gateway shop/door", "HTTPRoute bank/web");
    apply(
        "door.yaml",
        door("{name: tls}", "{from: Selector, selector: {matchLabels: {door: open}}}"));
    assertThat(told(DOOR))
        .containsExactly("Gateway shop/door", "HTTPRoute bank/web", "Namespace bank");
  }

  @Test
  void frontDoorIsToldThePoliciesOfItsNamespaceAndOfTheMesh() {
    apply("door.yaml", door("{name: tls}", "{from: Same}"));
    String all = policy("%s", "%s", "").replace("targetRefs: [], ", "");
    String selecting =
        policy("%s", "shop", "").replace("targetRefs: []", "selector: {matchLabels: {%s}}");
    apply(
        "policies.yaml",
        all.formatted("all", "shop")
            + all.formatted("all", "root")
            + all.formatted("all", "bank")
            + selecting.formatted("pods", "app: x")
            + selecting.formatted("mine", "gateway.networking.k8s.io/gateway-name: door")
            + selecting.formatted("others", "gateway.networking.k8s.io/gateway-name: else")
            + policy("named", "shop", "{kind: Gateway, name: door}")
            + policy("class", "root", "{kind: GatewayClass, name: culvert-gateway}"));
    assertThat(told(DOOR))
        .containsExactly(
            "AuthorizationPolicy root/all",
            "AuthorizationPolicy root/class",
            "AuthorizationPolicy shop/all",
            "AuthorizationPolicy shop/mine",
            "AuthorizationPolicy shop/named",
            "Gateway shop/door");
    assertThat(told(SHOP)).containsExactly("Gateway shop/way");
  }
}
