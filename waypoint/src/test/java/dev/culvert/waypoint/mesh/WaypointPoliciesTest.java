// SPDX-License-Identifier: Apache-2.0
package dev.culvert.waypoint.mesh;

import static org.assertj.core.api.Assertions.assertThat;

import dev.culvert.policy.mesh.WaypointName;
import dev.culvert.policy.resource.ResourceFiles;
import dev.culvert.policy.spiffe.SpiffeId;
import dev.culvert.waypoint.accept.ClientConnection;
import dev.culvert.waypoint.authenticate.Authenticate;
import dev.culvert.waypoint.authenticate.KeySources;
import dev.culvert.waypoint.authorize.Authorize;
import dev.culvert.waypoint.authorize.ConnectionFacts;
import dev.culvert.waypoint.authorize.Providers;
import dev.culvert.waypoint.kept.Kept;
import dev.culvert.waypoint.plan.Party;
import io.netty.channel.DefaultEventLoop;
import java.net.InetSocketAddress;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

final class WaypointPoliciesTest {
  private static final String GATEWAY =
      "{group: gateway.networking.k8s.io, kind: Gateway, name: w}";
  private static final String SERVICE = "{group: '', kind: Service, name: store}";
  private static final Self SELF =
      new Self(
          new WaypointName("shop", "w"),
          "culvert-waypoint",
          "w-1",
          SpiffeId.parse("spiffe://cluster.local/ns/shop/sa/w"));

  private final KeySources keys = new KeySources();

  @AfterEach
  void close() {
    keys.close();
  }

  private WaypointPolicies policies(String yaml) {
    return WaypointPolicies.first(
        ResourceFiles.empty().with(Map.of("p.yaml", yaml)),
        SELF,
        keys,
        Providers.none(),
        new Kept());
  }

  private static String policy(String kind, String namespace, String target, String more) {
    return """
        ---
        apiVersion: policy.culvert.dev/v1alpha1
        kind: %s
        metadata: {name: p, namespace: %s}
        spec: {targetRefs: [%s], %s}
        """
        .formatted(kind, namespace, target, more);
  }

  private static String tokens(String namespace, String target) {
    return policy(
        "RequestAuthentication", namespace, target, "jwtRules: [{issuer: id, jwks: '{}'}]");
  }

  @Test
  void tokenIsProvedBeforePoliciesAskForIt() {
    WaypointPolicies policies =
        policies(
            policy("AuthorizationPolicy", "shop", GATEWAY, "rules: []") + tokens("shop", SERVICE));
    assertThat(policies.guards(AskedService.of("store"), new Kept()))
        .hasExactlyElementsOfTypes(Authenticate.class, Authorize.class);
  }

  @Test
  void requestAuthenticationIsForItsServiceOnly() {
    WaypointPolicies policies = policies(tokens("shop", SERVICE));
    assertThat(policies.guards(AskedService.of("store"), new Kept()))
        .hasExactlyElementsOfTypes(Authenticate.class);
    assertThat(policies.guards(AskedService.of("other"), new Kept())).isEmpty();
  }

  @Test
  void requestAuthenticationOfTheWaypointIsForEachService() {
    WaypointPolicies policies = policies(tokens("shop", GATEWAY));
    assertThat(policies.guards(AskedService.of("other"), new Kept()))
        .hasExactlyElementsOfTypes(Authenticate.class);
  }

  @Test
  void requestAuthenticationOfAnotherNamespaceIsForNobody() {
    WaypointPolicies policies = policies(tokens("bank", GATEWAY));
    assertThat(policies.guards(AskedService.of("store"), new Kept())).isEmpty();
  }

  @Test
  void keysThatCannotBeReadAreTold() {
    assertThat(policies(tokens("shop", SERVICE)).problems())
        .containsExactly("RequestAuthentication shop/p: jwks is no JSON Web Key Set");
  }

  private static ConnectionFacts from(String identity) {
    InetSocketAddress client = new InetSocketAddress("198.18.0.7", 1234);
    return new ConnectionFacts(
        new ClientConnection(
            new DefaultEventLoop(),
            client,
            new InetSocketAddress("198.18.0.1", 80),
            Optional.of(SpiffeId.parse("spiffe://cluster.local/ns/shop/sa/" + identity)),
            false,
            Optional.empty(),
            Party.UNKNOWN));
  }

  private boolean letsConnect(String target, String more, String identity) {
    return policies(policy("AuthorizationPolicy", "shop", target, more))
        .denial(AskedService.of("store"), from(identity))
        .isEmpty();
  }

  @Test
  void connectionIsJudgedByWhoItsTunnelProved() {
    String ann = "rules: [{from: [{source: {principals: [cluster.local/ns/shop/sa/ann]}}]}]";
    assertThat(letsConnect(SERVICE, ann, "ann")).isTrue();
    assertThat(letsConnect(SERVICE, ann, "bob")).isFalse();
    assertThat(letsConnect(GATEWAY, "action: DENY, " + ann, "ann")).isFalse();
    assertThat(letsConnect(GATEWAY, "action: DENY, " + ann, "bob")).isTrue();
    assertThat(letsConnect("{group: '', kind: Service, name: other}", ann, "bob")).isTrue();
  }

  @Test
  void ruleThatAsksForARequestAllowsNoConnection() {
    String paths = "rules: [{to: [{operation: {paths: [/]}}]}]";
    assertThat(letsConnect(SERVICE, paths, "ann")).isFalse();
    assertThat(letsConnect(SERVICE, "action: DENY, " + paths, "ann")).isFalse();
    assertThat(letsConnect(SERVICE, "action: AUDIT, " + paths, "ann")).isTrue();
  }
}
