// SPDX-License-Identifier: Apache-2.0
package dev.culvert.controlplane.model;

import static org.assertj.core.api.Assertions.assertThat;

import dev.culvert.controlplane.discovery.ResourceSet;
import dev.culvert.policy.mesh.WaypointName;
import dev.culvert.policy.wire.waypoint.Document;
import org.junit.jupiter.api.Test;

/** What a waypoint of the mesh is told: what is written for its services, and nothing else. */
final class WaypointDocumentsTest extends DocumentsCase {
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

  @Test
  void routesOfConnectionsAreToldToTheWaypointOfTheirService() {
    apply(
        "routes.yaml",
        streamRoute("TCPRoute", "db", "group: \"\", kind: Service, name: store", "name: other"));
    assertThat(told(SHOP)).containsExactly("Gateway shop/way", "TCPRoute shop/db");
  }
}
