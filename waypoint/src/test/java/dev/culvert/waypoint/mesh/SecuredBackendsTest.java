// SPDX-License-Identifier: Apache-2.0
package dev.culvert.waypoint.mesh;

import static dev.culvert.waypoint.mesh.MeshOfWeb.pod;
import static org.assertj.core.api.Assertions.assertThat;

import dev.culvert.policy.resource.ResourceFiles;
import dev.culvert.policy.resource.ResourceKey;
import dev.culvert.policy.wire.waypoint.Target;
import dev.culvert.waypoint.gateway.BackendTlsContexts;
import dev.culvert.waypoint.gateway.BackendTlsPolicies;
import dev.culvert.waypoint.kept.Kept;
import dev.culvert.waypoint.mesh.MeshOfWeb.Request;
import dev.culvert.waypoint.peers.SelfSigned;
import dev.culvert.waypoint.plan.ClientKey;
import dev.culvert.waypoint.plan.Pick;
import dev.culvert.waypoint.plan.Protocol;
import dev.culvert.waypoint.route.Backends;
import dev.culvert.ztunnel.xds.GatewayAddress;
import java.net.InetAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.assertj.core.api.ObjectAssert;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** How front doors and waypoints speak to the services that a BackendTLSPolicy is for. */
final class SecuredBackendsTest {
  private static final String POLICY =
      """
      ---
      apiVersion: gateway.networking.k8s.io/v1
      kind: BackendTLSPolicy
      metadata: {name: secure, namespace: shop}
      spec:
        targetRefs: [{group: "", kind: Service, name: web%s}]
        validation: {caCertificateRefs: [{group: "", kind: ConfigMap, name: ca}], hostname: web.internal}
      """;

  private static final ResourceKey DOOR = new ResourceKey("Gateway", "shop", "door");

  private final MeshOfWeb mesh = new MeshOfWeb();
  private final List<String> problems = new ArrayList<>();

  @BeforeEach
  void serve() {
    mesh.serve(pod("a", "eu", 2, true));
  }

  private static String authorities() {
    return """
    ---
    apiVersion: v1
    kind: ConfigMap
    metadata: {name: ca, namespace: shop}
    data:
      ca.crt: |
    %s
    """
        .formatted(SelfSigned.of("web.internal").certificatePem().indent(4).stripTrailing());
  }

  private static String service(int port) {
    return """
    ---
    apiVersion: v1
    kind: Service
    metadata: {name: web, namespace: shop}
    spec: {ports: [{name: secure, port: %d}]}
    """
        .formatted(port);
  }

  private SecuredBackends told(String yaml, Refusals refusals) {
    ResourceFiles files = ResourceFiles.empty().with(Map.of("told.yaml", yaml));
    assertThat(files.errors()).isEmpty();
    return new SecuredBackends(
        mesh.backends(),
        new BackendTlsPolicies(files, new BackendTlsContexts(), problems),
        refusals,
        new Kept());
  }

  private SecuredBackends told(String yaml) {
    return told(yaml, Refusals.NONE);
  }

  private static Pick pick(Backends backends, boolean http2) {
    return backends
        .destination("shop", "web", 80)
        .orElseThrow()
        .next(new Request(http2, List.of()));
  }

  private static dev.culvert.waypoint.plan.Target target(Backends backends) {
    return (dev.culvert.waypoint.plan.Target) pick(backends, false);
  }

  private static ObjectAssert<Pick> assertClosed(Backends backends, String why, boolean missing) {
    return assertThat(pick(backends, false))
        .isInstanceOfSatisfying(
            Pick.None.class,
            none -> {
              assertThat(none.reason()).contains(why);
              assertThat(none.missing()).isEqualTo(missing);
            });
  }

  @Test
  void tlsIsSpokenWithinTheTunnel() {
    Backends backends = told(POLICY.formatted("") + authorities());
    assertThat(target(backends).tls().orElseThrow().hostname()).isEqualTo("web.internal");
    assertThat(target(backends).way()).isPresent();
    assertThat(target(told("")).tls()).isEmpty();
    assertThat(problems).isEmpty();
  }

  @Test
  void unsupportedProtocolIsKnownOfServicesThatWereToldOf() {
    String said = service(80).replace("port: 80", "port: 80, appProtocol: https");
    assertThat(told(said).speech("shop", "web", 80).takes("HTTPRoute")).isFalse();
    assertThat(told(said).speech("shop", "web", 81).takes("HTTPRoute")).isTrue();
    assertThat(told(said + POLICY.formatted("")).speech("shop", "web", 80).takes("HTTPRoute"))
        .isTrue();
    assertThat(told("").speech("shop", "web", 80).takes("HTTPRoute")).isTrue();
  }

  @Test
  void clientsVersionOfHttpIsNotAskedOfAServerInTls() {
    Backends backends = told(POLICY.formatted("") + authorities());
    assertThat(((dev.culvert.waypoint.plan.Target) pick(backends, true)).protocol())
        .isEqualTo(Protocol.HTTP1);
    assertThat(((dev.culvert.waypoint.plan.Target) pick(told(""), true)).protocol())
        .isEqualTo(Protocol.HTTP2);
  }

  private Pick own(SecuredBackends backends) {
    return backends.own(mesh.service(), 80, new Kept()).requests().next(Request.FIRST);
  }

  @Test
  void serviceThatIsAskedForItselfIsSpokenToInTlsToo() {
    Pick secure = own(told(POLICY.formatted("") + authorities()));
    assertThat(((dev.culvert.waypoint.plan.Target) secure).tls()).isPresent();
    assertThat(((dev.culvert.waypoint.plan.Target) own(told(""))).tls()).isEmpty();
    assertThat(own(told(POLICY.formatted("")))).isInstanceOf(Pick.None.class);
  }

  @Test
  void serviceBehindAWaypointIsSpokenToInTlsToo() {
    mesh.waypoint =
        Optional.of(new GatewayAddress.ByIp("", InetAddress.ofLiteral("198.18.0.2"), 15008));
    assertThat(target(told(POLICY.formatted("") + authorities())).tls()).isPresent();
  }

  @Test
  void policyForAPortIsForThatPortOnly() {
    String policy = POLICY.formatted(", sectionName: secure") + authorities();
    assertThat(target(told(policy + service(80))).tls()).isPresent();
    assertThat(target(told(policy + service(81))).tls()).isEmpty();
    assertClosed(told(policy), "no Service of that name", true);
  }

  @Test
  void withoutTheAuthoritiesNothingIsSent() {
    assertClosed(told(POLICY.formatted("")), "no ConfigMap shop/ca", true);
    assertThat(problems).singleElement().asString().contains("BackendTLSPolicy shop/secure");
  }

  @Test
  void withoutTheCertificateThatItMustShowNothingIsSent() {
    Backends backends = told(POLICY.formatted("") + authorities());
    assertClosed(backends.showing(DOOR, new ClientKey.Missing("no Secret")), "no Secret", true);
    assertThat(target(told("").showing(DOOR, new ClientKey.Missing("no Secret"))).tls())
        .as("nobody there asks for one")
        .isEmpty();
  }

  @Test
  void policyThatCannotBeReadClosesItsServiceAndNoOther() {
    Refusals refusals =
        new Refusals(
            List.of(
                new Refusals.Refusal(
                    "BackendTLSPolicy shop/secure",
                    Optional.of(
                        List.of(
                            Target.newBuilder()
                                .setKind("Service")
                                .setNamespace("shop")
                                .setName("web")
                                .build())))));
    assertThat(refusals.door()).isEmpty();
    assertClosed(told("", refusals), "cannot be read", false);
    assertThat(refusals.backend("shop", "other")).isEmpty();
    assertThat(refusals.backend("bank", "web")).isEmpty();
  }
}
