// SPDX-License-Identifier: Apache-2.0
package dev.culvert.policy.translate;

import static org.assertj.core.api.Assertions.assertThat;

import dev.culvert.policy.authz.CompiledAuthorization;
import dev.culvert.policy.authz.ConnectionFacts;
import dev.culvert.policy.authz.PolicyIndex;
import dev.culvert.policy.authz.PolicyKey;
import dev.culvert.policy.authz.Verdict;
import dev.culvert.policy.authz.Verdict.Reason;
import dev.culvert.policy.resource.AuthorizationPolicy;
import dev.culvert.policy.resource.AuthorizationRule;
import dev.culvert.policy.resource.ObjectMeta;
import dev.culvert.policy.resource.Operation;
import dev.culvert.policy.resource.Resource;
import dev.culvert.policy.resource.ResourceFiles;
import dev.culvert.policy.resource.Values;
import dev.culvert.policy.spiffe.SpiffeId;
import dev.culvert.policy.spiffe.TrustDomain;
import java.net.InetAddress;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** From YAML to a verdict. */
class MeshPoliciesTest {
  private static final Optional<SpiffeId> API = identity("shop", "api");
  private static final Optional<SpiffeId> PLAINTEXT = Optional.empty();
  private static final String STRICT =
      """
      apiVersion: security.istio.io/v1
      kind: PeerAuthentication
      metadata: {name: default, namespace: %s}
      spec: {mtls: {mode: STRICT}}
      """;
  private static final String API_ONLY =
      """
      apiVersion: policy.culvert.dev/v1alpha1
      kind: AuthorizationPolicy
      metadata: {name: web, namespace: shop}
      spec:
        selector: {matchLabels: {app: web}}
        rules:
        - from: [{source: {principals: [cluster.local/ns/shop/sa/api]}}]
          to: [{operation: {ports: ["80"]}}]
      """;

  @Test
  void withoutPoliciesEverybodyIsAllowed() {
    assertThat(decide("", "web", PLAINTEXT, 80).isAllowed()).isTrue();
  }

  @Test
  void onlyTheNamedIdentityOnTheNamedPort() {
    assertThat(decide(API_ONLY, "web", API, 80))
        .isEqualTo(new Verdict.Allow(Optional.of(new PolicyKey("shop", "web"))));
    assertThat(decide(API_ONLY, "web", API, 81).isAllowed()).isFalse();
    assertThat(decide(API_ONLY, "web", identity("shop", "db"), 80).isAllowed()).isFalse();
    assertThat(decide(API_ONLY, "web", PLAINTEXT, 80).isAllowed()).isFalse();
    assertThat(decide(API_ONLY, "db", PLAINTEXT, 80).isAllowed()).isTrue();
  }

  @Test
  void strictRefusesPlaintextAndTakesIdentities() {
    String yaml = STRICT.formatted("shop");

    assertThat(decide(yaml, "web", PLAINTEXT, 80))
        .isInstanceOfSatisfying(
            Verdict.Deny.class,
            deny -> {
              assertThat(deny.reason()).isEqualTo(Reason.DENY_MATCHED);
              assertThat(deny.policy()).map(PolicyKey::name).contains("culvert_static_strict");
            });
    assertThat(decide(yaml, "web", API, 80).isAllowed()).isTrue();
  }

  @Test
  void permissiveNamespaceInAStrictMeshTakesPlaintext() {
    String yaml =
        STRICT.formatted("culvert-system")
            + "---\n"
            + STRICT.formatted("shop").replace("STRICT", "PERMISSIVE");

    assertThat(decide(yaml, "web", PLAINTEXT, 80).isAllowed()).isTrue();
  }

  @Test
  void portThatIsExceptedFromStrictTakesPlaintext() {
    String yaml =
        """
        apiVersion: security.istio.io/v1
        kind: PeerAuthentication
        metadata: {name: web, namespace: shop}
        spec:
          selector: {matchLabels: {app: web}}
          mtls: {mode: STRICT}
          portLevelMtls: {9090: {mode: PERMISSIVE}}
        """;

    assertThat(decide(yaml, "web", PLAINTEXT, 9090).isAllowed()).isTrue();
    assertThat(decide(yaml, "web", PLAINTEXT, 80).isAllowed()).isFalse();
    assertThat(decide(yaml, "db", PLAINTEXT, 80).isAllowed()).isTrue();
  }

  @Test
  void allowThatNeedsHttpLeavesNothingOpen() {
    String yaml = API_ONLY.replace("ports: [\"80\"]", "ports: [\"80\"], methods: [GET]");

    assertThat(decide(yaml, "web", API, 80))
        .isEqualTo(new Verdict.Deny(Optional.empty(), Reason.NO_ALLOW_MATCHED));
  }

  @Test
  void policyAgainstPlaintextIsKnownBeforeAnybodyNeedsIt() {
    assertThat(MeshPolicies.of(List.of(), List.of("root")).authorizations())
        .singleElement()
        .returns("root", policy -> policy.getNamespace())
        .returns("culvert_static_strict", policy -> policy.getName());
  }

  @Test
  void allowOfAnEmptyOperationMatchesNothingWhereverItComesFrom() {
    Operation empty =
        new Operation(Values.nothing(), Values.nothing(), Values.nothing(), Values.nothing());
    AuthorizationPolicy policy =
        new AuthorizationPolicy(
            new ObjectMeta("shop", "odd", "odd", Map.of(), Map.of(), Optional.empty()),
            Map.of(),
            List.of(),
            AuthorizationPolicy.Action.ALLOW,
            Optional.empty(),
            List.of(new AuthorizationRule(List.of(), List.of(empty), List.of())));

    assertThat(decide(List.of(policy), "web", API, 80).isAllowed()).isFalse();
  }

  private static Verdict decide(String yaml, String app, Optional<SpiffeId> source, int port) {
    ResourceFiles files = ResourceFiles.empty().with(Map.of("mesh.yaml", yaml));
    assertThat(files.errors()).isEmpty();
    return decide(files.resources(), app, source, port);
  }

  private static Verdict decide(
      List<? extends Resource> resources, String app, Optional<SpiffeId> source, int port) {
    MeshPolicies policies = MeshPolicies.of(resources, MeshPolicies.ROOT_NAMESPACES);
    PolicyIndex index =
        PolicyIndex.of(
            policies.authorizations().stream().map(CompiledAuthorization::compile).toList());
    ConnectionFacts facts =
        new ConnectionFacts(
            source, InetAddress.ofLiteral("198.18.0.1"), InetAddress.ofLiteral("198.18.0.2"), port);
    return index.decide("shop", policies.selectedPolicies("shop", Map.of("app", app)), facts);
  }

  private static Optional<SpiffeId> identity(String namespace, String serviceAccount) {
    return Optional.of(
        SpiffeId.workload(new TrustDomain("cluster.local"), namespace, serviceAccount));
  }
}
