// SPDX-License-Identifier: Apache-2.0
package dev.culvert.controlplane.verdict;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;

/** What is said of further listeners of a Gateway, and of routes that name them. */
class ListenerSetVerdictsTest {
  private static final String GATEWAY =
      """
      apiVersion: v1
      kind: Service
      metadata: {name: cart, namespace: shop}
      spec: {clusterIP: 198.18.1.1, ports: [{port: 80}]}
      ---
      apiVersion: gateway.networking.k8s.io/v1
      kind: Gateway
      metadata: {name: door, namespace: %s}
      spec:
        gatewayClassName: %s
        allowedListeners: {namespaces: {from: %s}}
        listeners: [{name: web, port: 80, protocol: %s}]
      """;
  private static final String SET =
      """
      apiVersion: gateway.networking.k8s.io/v1
      kind: ListenerSet
      metadata: {name: %s, namespace: shop, creationTimestamp: "%s"}
      spec:
        parentRef: {name: door, namespace: front}
        listeners: [%s]
      """;
  private static final String ROUTE =
      """
      apiVersion: gateway.networking.k8s.io/v1
      kind: HTTPRoute
      metadata: {name: web, namespace: shop}
      spec:
        parentRefs: [{kind: ListenerSet, name: more}]
        rules: [{backendRefs: [{name: cart, port: 80}]}]
      """;
  private static final String OLD = "2026-01-01T00:00:00Z";
  private static final String YOUNG = "2026-02-01T00:00:00Z";
  private static final String OTHER_PORT = "{name: more, port: 81, protocol: HTTP}";
  private static final String SAME_PORT = "{name: same, port: 80, protocol: HTTP}";

  private final JudgedMesh mesh = new JudgedMesh();

  @Test
  void allowedSetIsItsGateways() {
    mesh.apply(door("All"));
    mesh.apply(SET.formatted("more", OLD, OTHER_PORT));
    assertThat(conditions(true, true))
        .containsExactly("Accepted=true Accepted", "Programmed=true Programmed");
    assertThat(mesh.gateway("door", "front").listenerSets()).isEqualTo(1);
    assertThat(listener("more"))
        .containsExactly(
            "Accepted=true Accepted",
            "Conflicted=false NoConflicts",
            "ResolvedRefs=true ResolvedRefs",
            "Programmed=true Programmed");
  }

  @Test
  void setFollowsItsGateway() {
    mesh.apply(door("All"));
    mesh.apply(SET.formatted("more", OLD, OTHER_PORT));
    assertThat(conditions(false, false))
        .containsExactly(
            "Accepted=false ParentNotAccepted", "Programmed=false ParentNotProgrammed");
    assertThat(conditions(true, false))
        .containsExactly("Accepted=true Accepted", "Programmed=false ParentNotProgrammed");
  }

  @Test
  void setOfANamespaceThatIsNotAllowedIsToldHowToBe() {
    mesh.apply(door("Same"));
    mesh.apply(SET.formatted("more", OLD, OTHER_PORT));
    assertThat(conditions(true, true))
        .containsExactly("Accepted=false NotAllowed", "Programmed=false NotAllowed");
    assertThat(mesh.set("more").accepted().message())
        .contains("namespace shop", "spec.allowedListeners", "parentRef");
    assertThat(mesh.set("more").programmed()).isEmpty();
    assertThat(mesh.gateway("door", "front").listenerSets()).isZero();
    mesh.apply(ROUTE);
    assertThat(mesh.conditions("HTTPRoute", "web")).contains("Accepted=false NoMatchingParent");
  }

  @Test
  void waypointTakesNoFurtherListeners() {
    mesh.apply(GATEWAY.formatted("front", "culvert-waypoint", "All", "HBONE"));
    mesh.apply(SET.formatted("more", OLD, OTHER_PORT));
    assertThat(conditions(true, true)).contains("Accepted=false NotAllowed");
    assertThat(mesh.set("more").accepted().message()).contains("is a waypoint");
  }

  @Test
  void setOfSomebodyElsesGatewayIsLeftToIt() {
    mesh.apply(GATEWAY.formatted("front", "example", "All", "HTTP"));
    mesh.apply(SET.formatted("more", OLD, OTHER_PORT));
    assertThat(mesh.said().listenerSets()).isEmpty();
    mesh.apply(ROUTE);
    assertThat(mesh.said().routes().values()).allMatch(List::isEmpty);
  }

  @Test
  void portOfTheGatewayIsItsOwn() {
    mesh.apply(door("All"));
    mesh.apply(SET.formatted("more", OLD, SAME_PORT));
    assertThat(listener("same")).contains("Conflicted=true HostnameConflict");
    assertThat(conditions(true, true))
        .containsExactly("Accepted=false ListenersNotValid", "Programmed=false ListenersNotValid");
    mesh.apply(SET.formatted("more", OLD, SAME_PORT + ", " + OTHER_PORT));
    assertThat(conditions(true, true))
        .as("one is enough")
        .containsExactly("Accepted=true ListenersNotValid", "Programmed=true Programmed");
  }

  @Test
  void olderSetHasThePortAndItsNameIsNotTold() {
    mesh.apply(door("All"));
    mesh.apply(SET.formatted("more", YOUNG, OTHER_PORT));
    assertThat(listener("more")).contains("Conflicted=false NoConflicts");
    mesh.apply(SET.formatted("elder", OLD, "{name: secret, port: 81, protocol: HTTP}"));
    assertThat(listener("more")).contains("Conflicted=true HostnameConflict");
    assertThat(
            JudgedMesh.message(
                JudgedMesh.listener(mesh.set("more").programmed(), "more").conditions(),
                Say.CONFLICTED))
        .contains("an older ListenerSet", "choose others")
        .doesNotContain("secret", "elder");
  }

  @Test
  void ofTwoOfOneAgeTheFirstByNameHasThePort() {
    mesh.apply(door("All"));
    mesh.apply(SET.formatted("more", OLD, OTHER_PORT));
    mesh.apply(SET.formatted("zoo", OLD, "{name: last, port: 81, protocol: HTTP}"));
    assertThat(listener("more")).contains("Conflicted=false NoConflicts");
    mesh.apply(SET.formatted("a", OLD, "{name: first, port: 81, protocol: HTTP}"));
    assertThat(listener("more")).contains("Conflicted=true HostnameConflict");
  }

  @Test
  void routeOfASetIsAttachedToItAndNotToTheGateway() {
    mesh.apply(door("All"));
    mesh.apply(SET.formatted("more", OLD, OTHER_PORT));
    mesh.apply(ROUTE);
    assertThat(mesh.conditions("HTTPRoute", "web"))
        .containsExactly("Accepted=true Accepted", "ResolvedRefs=true ResolvedRefs");
    assertThat(JudgedMesh.listener(mesh.set("more").programmed(), "more").attached()).isEqualTo(1);
    assertThat(JudgedMesh.listener(mesh.gateway("door", "front").programmed(), "web").attached())
        .isZero();
  }

  @Test
  void certificateOfASetNeedsAGrantForSets() {
    mesh.apply(door("All"));
    mesh.apply(
        SET.formatted(
            "more",
            OLD,
            "{name: tls, port: 443, protocol: HTTPS, tls: {certificateRefs: [{name: site,"
                + " namespace: secrets}]}}"));
    assertThat(listener("tls")).contains("ResolvedRefs=false RefNotPermitted");
    mesh.apply(grant("Gateway"));
    assertThat(listener("tls")).as("a grant for Gateways").contains("Programmed=false Invalid");
    mesh.apply(
        grant("ListenerSet")
            + CertificateYaml.secret(
                "secrets", "site", CertificateYaml.CERTIFICATE, CertificateYaml.KEY));
    assertThat(listener("tls")).contains("ResolvedRefs=true ResolvedRefs");
  }

  private static String grant(String kind) {
    return """
        apiVersion: gateway.networking.k8s.io/v1
        kind: ReferenceGrant
        metadata: {name: sets, namespace: secrets}
        spec:
          from: [{group: gateway.networking.k8s.io, kind: %s, namespace: shop}]
          to: [{group: "", kind: Secret}]
        """
        .formatted(kind);
  }

  private static String door(String from) {
    return GATEWAY.formatted("front", "culvert-gateway", from, "HTTP");
  }

  private List<String> conditions(boolean accepted, boolean programmed) {
    return JudgedMesh.texts(mesh.set("more").conditions(accepted, programmed).stream());
  }

  private List<String> listener(String name) {
    return JudgedMesh.texts(
        JudgedMesh.listener(mesh.set("more").programmed(), name).conditions().stream());
  }
}
