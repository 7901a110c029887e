// SPDX-License-Identifier: Apache-2.0
package dev.culvert.controlplane.verdict;

import static org.assertj.core.api.Assertions.assertThat;

import dev.culvert.controlplane.status.Condition;
import dev.culvert.policy.resource.ResourceKey;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What is said of the resources of a mesh. */
class VerdictsTest {
  private static final String MESH =
      """
      apiVersion: v1
      kind: Namespace
      metadata: {name: shop, labels: {culvert.dev/dataplane-mode: ambient}}
      ---
      apiVersion: v1
      kind: Service
      metadata: {name: cart, namespace: shop, labels: {culvert.dev/use-waypoint: store}}
      spec: {clusterIP: 198.18.1.1, ports: [{name: http, port: 80}]}
      ---
      apiVersion: v1
      kind: Service
      metadata: {name: stock, namespace: shop}
      spec: {clusterIP: 198.18.1.2, ports: [{name: http, port: 80}]}
      ---
      apiVersion: gateway.networking.k8s.io/v1
      kind: Gateway
      metadata: {name: store, namespace: shop}
      spec:
        gatewayClassName: culvert-waypoint
        listeners: [{name: mesh, port: 15008, protocol: HBONE}]
      ---
      apiVersion: gateway.networking.k8s.io/v1
      kind: Gateway
      metadata: {name: door, namespace: shop}
      spec:
        gatewayClassName: culvert-gateway
        listeners:
          - {name: web, port: 80, protocol: HTTP, hostname: "*.example.com"}
          - {name: raw, port: 90, protocol: UDP}
          - {name: twice, port: 80, protocol: HTTP, hostname: "*.example.com"}
          - {name: odd, port: 81, protocol: HTTP, allowedRoutes: {kinds: [{kind: TCPRoute}]}}
          - name: tls
            port: 443
            protocol: HTTPS
            tls: {certificateRefs: [{name: site, namespace: secrets}]}
      """;

  private final JudgedMesh mesh = new JudgedMesh();
  private Said said = Said.NOTHING;

  @BeforeEach
  void open() {
    apply(MESH);
  }

  @Test
  void policyOfPodsIsInForce() {
    apply(policy("spec: {action: DENY, rules: [{from: [{source: {namespaces: [evil]}}]}]}"));
    assertThat(policy()).containsExactly("Accepted=true Accepted");
  }

  @Test
  void whatNeedsHttpIsToldWithItsRemedy() {
    apply(policy("spec: {action: ALLOW, rules: [{to: [{operation: {methods: [GET]}}]}]}"));
    assertThat(policy())
        .containsExactly("Accepted=true Accepted", "PartiallyInvalid=true UnsupportedValue");
    assertThat(message("PartiallyInvalid")).contains("rules[0]", "methods", "use a waypoint");
  }

  @Test
  void denyThatNeverMatchesIsNotAccepted() {
    apply(policy("spec: {action: DENY}"));
    assertThat(policy()).containsExactly("Accepted=false UnsupportedValue");
    assertThat(message("Accepted")).contains("add a rule");
  }

  @Test
  void tokensAreReadAtDoorsAndWaypointsOnly() {
    String tokens =
        """
        apiVersion: policy.culvert.dev/v1alpha1
        kind: RequestAuthentication
        metadata: {name: rules, namespace: shop}
        spec: {%s, jwtRules: [{issuer: me, jwksUri: "https://example.com/keys"}]}
        """;
    String kind = "RequestAuthentication";
    apply(tokens.formatted("selector: {matchLabels: {app: web}}"));
    assertThat(policy(kind, "rules")).containsExactly("Accepted=false UnsupportedValue");
    apply(
        tokens.formatted(
            "selector: {matchLabels: {gateway.networking.k8s.io/gateway-name: door}}"));
    assertThat(policy(kind, "rules")).containsExactly("Accepted=true Accepted");
    apply(tokens.formatted("targetRefs: [{group: \"\", kind: Service, name: cart}]"));
    assertThat(policy(kind, "rules"))
        .containsExactly("Accepted=true Accepted", "WaypointBound=true Accepted");
  }

  @Test
  void policyOfAServiceWithAWaypointIsBound() {
    apply(policy("spec: {targetRefs: [{kind: Service, group: \"\", name: cart}]}"));
    assertThat(policy()).containsExactly("Accepted=true Accepted", "WaypointBound=true Accepted");
    assertThat(message("WaypointBound")).contains("Service cart");
  }

  @Test
  void policyOfAServiceWithoutAWaypointIsBoundToNothing() {
    apply(policy("spec: {targetRefs: [{kind: Service, group: \"\", name: stock}]}"));
    assertThat(policy())
        .containsExactly("Accepted=true Accepted", "WaypointBound=false AncestorNotBound");
    assertThat(message("WaypointBound")).contains("Service shop/stock", "culvert.dev/use-waypoint");
  }

  @Test
  void policyOfWhatIsNotThereNamesIt() {
    apply(policy("spec: {targetRefs: [{kind: Service, group: \"\", name: crat}]}"));
    assertThat(policy()).contains("WaypointBound=false TargetNotFound");
    assertThat(message("WaypointBound")).contains("there is no Service shop/crat");
    apply(MESH.replace("name: cart", "name: crat"));
    assertThat(policy()).contains("WaypointBound=true Accepted");
  }

  @Test
  void youngerPeerAuthenticationIsInConflict() {
    apply(
        """
        apiVersion: policy.culvert.dev/v1alpha1
        kind: PeerAuthentication
        metadata: {name: old, namespace: shop, creationTimestamp: "2026-01-01T00:00:00Z"}
        spec: {mtls: {mode: STRICT}}
        ---
        apiVersion: policy.culvert.dev/v1alpha1
        kind: PeerAuthentication
        metadata: {name: young, namespace: shop, creationTimestamp: "2026-02-01T00:00:00Z"}
        spec: {mtls: {mode: PERMISSIVE}}
        """);
    assertThat(policy("PeerAuthentication", "old")).containsExactly("Accepted=true Accepted");
    assertThat(policy("PeerAuthentication", "young")).containsExactly("Accepted=false Conflicted");
  }

  @Test
  void servicesAreBoundOrSayWhyNot() {
    assertThat(binding("cart")).isEqualTo("istio.io/WaypointBound=true WaypointAccepted");
    assertThat(said.bindings()).doesNotContainKey(new ResourceKey("Service", "shop", "stock"));
    apply(MESH.replace("use-waypoint: store", "use-waypoint: sotre"));
    assertThat(binding("cart")).isEqualTo("istio.io/WaypointBound=false WaypointUnavailable");
    assertThat(said.bindings().get(new ResourceKey("Service", "shop", "cart")).message())
        .contains("shop/sotre is not there");
  }

  @Test
  void routeOfAServiceIsAttachedAndBound() {
    apply(route("[{group: \"\", kind: Service, name: cart}]", "cart"));
    assertThat(route(0))
        .containsExactly(
            "Accepted=true Accepted",
            "ResolvedRefs=true ResolvedRefs",
            "WaypointBound=true Accepted");
  }

  @Test
  void routeOfAServiceWithoutAWaypointSaysSo() {
    apply(route("[{group: \"\", kind: Service, name: stock}]", "cart"));
    assertThat(route(0)).contains("WaypointBound=false AncestorNotBound");
  }

  @Test
  void missingBackendIsTold() {
    apply(route("[{group: \"\", kind: Service, name: cart}]", "gone"));
    assertThat(route(0)).contains("ResolvedRefs=false BackendNotFound");
  }

  @Test
  void parentWithoutThePortIsTold() {
    apply(route("[{group: \"\", kind: Service, name: cart, port: 81}]", "cart"));
    assertThat(route(0)).contains("Accepted=false NoMatchingParent");
  }

  @Test
  void parentOfAnotherControllerIsLeftToIt() {
    apply(
        """
        apiVersion: gateway.networking.k8s.io/v1
        kind: Gateway
        metadata: {name: theirs, namespace: shop}
        spec: {gatewayClassName: example, listeners: [{name: web, port: 80, protocol: HTTP}]}
        """);
    apply(route("[{name: theirs}, {name: missing}]", "cart"));
    assertThat(said.routes().get(new ResourceKey("HTTPRoute", "shop", "split"))).isEmpty();
  }

  @Test
  void routeOfAGatewayIsAttachedToTheListenersThatTakeIt() {
    apply(route("[{name: door}]", "cart").replace("spec:", "spec:\n  hostnames: [a.example.com]"));
    assertThat(route(0))
        .containsExactly("Accepted=true Accepted", "ResolvedRefs=true ResolvedRefs");
    assertThat(attachment(0).listeners()).containsExactlyInAnyOrder("web", "twice", "tls");
  }

  @Test
  void whatNoListenerTakesSaysWhy() {
    apply(route("[{name: door, sectionName: none}]", "cart"));
    assertThat(route(0)).contains("Accepted=false NoMatchingParent");
    apply(route("[{name: door, sectionName: raw}]", "cart"));
    assertThat(route(0)).contains("Accepted=false NotAllowedByListeners");
    apply(
        route("[{name: door, sectionName: web}]", "cart")
            .replace("spec:", "spec:\n  hostnames: [a.example.org]"));
    assertThat(route(0)).contains("Accepted=false NoMatchingListenerHostname");
    apply(route("[{name: store}]", "cart"));
    assertThat(route(0)).contains("Accepted=false NotAllowedByListeners");
    assertThat(attachment(0).conditions().getFirst().message())
        .contains("name the Service in parentRefs");
  }

  @Test
  void backendOfAnotherNamespaceNeedsAGrant() {
    apply(
        """
        apiVersion: v1
        kind: Service
        metadata: {name: stock, namespace: depot}
        spec: {clusterIP: 198.18.1.3, ports: [{port: 80}]}
        """);
    String route = route("[{group: \"\", kind: Service, name: cart}]", "stock, namespace: depot");
    apply(route);
    assertThat(route(0)).contains("ResolvedRefs=false RefNotPermitted");
    apply(
        """
        apiVersion: gateway.networking.k8s.io/v1beta1
        kind: ReferenceGrant
        metadata: {name: shop, namespace: depot}
        spec:
          from: [{group: gateway.networking.k8s.io, kind: HTTPRoute, namespace: shop}]
          to: [{group: "", kind: Service}]
        """);
    assertThat(route(0)).contains("ResolvedRefs=true ResolvedRefs");
  }

  @Test
  void listenersSayWhatTheyAre() {
    assertThat(listener("store", "mesh"))
        .containsExactly(
            "Accepted=true Accepted",
            "Conflicted=false NoConflicts",
            "ResolvedRefs=true ResolvedRefs",
            "Programmed=true Programmed");
    assertThat(listener("door", "raw"))
        .contains("Accepted=false UnsupportedProtocol", "Programmed=false Invalid");
    assertThat(listener("door", "twice")).contains("Conflicted=true HostnameConflict");
    assertThat(listener("door", "odd")).contains("ResolvedRefs=false InvalidRouteKinds");
    assertThat(listener("door", "tls")).contains("ResolvedRefs=false RefNotPermitted");
  }

  @Test
  void podsChangeNothingOfWhatIsSaid() {
    Said before = said;
    apply(
        """
        apiVersion: v1
        kind: Pod
        metadata: {name: web, namespace: shop}
        spec: {nodeName: one, containers: [{name: app, image: app}]}
        status: {phase: Running, podIP: 198.18.0.1}
        """);
    assertThat(said).isSameAs(before);
    apply(MESH);
    assertThat(said).as("the same again").isSameAs(before);
  }

  @Test
  void operatorIsToldWhatIsBad() {
    apply(route("[{group: \"\", kind: Service, name: stock}]", "gone"));
    assertThat(said.lines())
        .anyMatch(line -> line.startsWith("HTTPRoute shop/split: ") && line.contains("gone"))
        .anyMatch(line -> line.startsWith("HTTPRoute shop/split: ") && line.contains("no waypoint"))
        .anyMatch(line -> line.startsWith("Gateway shop/door, listener raw: "))
        .noneMatch(line -> line.contains("listener mesh"));
  }

  private void apply(String yaml) {
    said = mesh.apply(yaml);
  }

  private static String policy(String spec) {
    return """
        apiVersion: policy.culvert.dev/v1alpha1
        kind: AuthorizationPolicy
        metadata: {name: rules, namespace: shop}
        %s
        """
        .formatted(spec);
  }

  private static String route(String parents, String backend) {
    return """
        apiVersion: gateway.networking.k8s.io/v1
        kind: HTTPRoute
        metadata: {name: split, namespace: shop}
        spec:
          parentRefs: %s
          rules: [{backendRefs: [{name: %s, port: 80}]}]
        """
        .formatted(parents, backend);
  }

  private List<String> policy() {
    return policy("AuthorizationPolicy", "rules");
  }

  private List<String> policy(String kind, String name) {
    return JudgedMesh.texts(said.policies().get(new ResourceKey(kind, "shop", name)).stream());
  }

  private String message(String type) {
    return said.policies().get(new ResourceKey("AuthorizationPolicy", "shop", "rules")).stream()
        .filter(one -> one.type().equals(type))
        .map(Condition::message)
        .findFirst()
        .orElseThrow();
  }

  private String binding(String service) {
    return JudgedMesh.text(said.bindings().get(new ResourceKey("Service", "shop", service)));
  }

  private Attachment attachment(int index) {
    return said.routes().get(new ResourceKey("HTTPRoute", "shop", "split")).get(index);
  }

  private List<String> route(int index) {
    return JudgedMesh.texts(attachment(index).conditions().stream());
  }

  private List<String> listener(String gateway, String name) {
    return said.gateways().get(new ResourceKey("Gateway", "shop", gateway)).programmed().stream()
        .filter(one -> one.name().equals(name))
        .flatMap(one -> one.conditions().stream())
        .map(JudgedMesh::text)
        .toList();
  }
}
