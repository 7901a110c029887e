// SPDX-License-Identifier: Apache-2.0
package dev.culvert.controlplane.model;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

/**
 * What a front door is told: its routes, listeners and policies, those of others that it allows.
 */
final class FrontDoorDocumentsTest extends DocumentsCase {
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

  @Test
  void unsupportedProtocolOfABackendIsToldToWhoSendsThere() throws Exception {
    String store = service("shop", "store", "way");
    apply("door.yaml", door("{name: tls}", "{from: Same}") + doorRoute("shop", "web"));
    assertThat(told(DOOR)).containsExactly("Gateway shop/door", "HTTPRoute shop/web");
    apply(
        "shop.yaml", waypoint("shop") + store.replace("port: 80", "port: 80, appProtocol: mysql"));
    assertThat(told(DOOR))
        .containsExactly("Gateway shop/door", "HTTPRoute shop/web", "Service shop/store");
    assertThat(document("Service shop/store")).contains("\"appProtocol\":\"mysql\"");
    apply("shop.yaml", waypoint("shop") + store.replace("port: 80", "port: 80, appProtocol: http"));
    assertThat(told(DOOR)).containsExactly("Gateway shop/door", "HTTPRoute shop/web");
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
