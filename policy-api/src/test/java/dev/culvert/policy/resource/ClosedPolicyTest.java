// SPDX-License-Identifier: Apache-2.0
package dev.culvert.policy.resource;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Map;
import org.junit.jupiter.api.Test;

/** Policies with errors, which stay closed, and what is told of them. */
final class ClosedPolicyTest extends FolderCase {
  @Test
  void policyOfAFileThatWasNeverGoodIsClosedAndItsSoundOnesHold() {
    String text =
        policy("open", "rules: [{to: [{operation: {prots: ['80']}}]}]")
            + policy("deny", "action: DENNY, rules: [{}]")
            + policy("sound", "action: DENY, rules: [{to: [{operation: {ports: ['80']}}]}]")
            + "---\n"
            + namespaces("shop");
    ResourceFiles files = ResourceFiles.empty().with(Map.of("a.yaml", text));

    assertThat(policies(files)).containsExactly("open ALLOW 0", "deny DENY 1", "sound DENY 1");
    assertThat(files.resources()).hasSize(3);
    assertThat(files.errors()).isNotEmpty();

    ResourceFiles edited =
        files.with(Map.of("a.yaml", text.replace("DENNY", "DENY").replace("prots", "port")));
    assertThat(policies(edited)).containsExactly("open ALLOW 0", "deny DENY 1", "sound DENY 1");
    ResourceFiles mended =
        files.with(Map.of("a.yaml", text.replace("DENNY", "DENY").replace("prots", "ports")));
    assertThat(mended.errors()).isEmpty();
    assertThat(policies(mended)).containsExactly("open ALLOW 1", "deny DENY 1", "sound DENY 1");
  }

  @Test
  void policyThatIsClosedIsToldUntilItIsCorrected() {
    ResourceFiles files =
        ResourceFiles.empty()
            .with(
                Map.of(
                    "a.yaml",
                    policy("sound", "action: DENY, rules: [{}]")
                        + policy("deny", "action: DENNY, rules: [{}]")));

    assertThat(told(files))
        .containsExactly(
            "a.yaml: document 2, line 7: AuthorizationPolicy shop/deny is closed until it is"
                + " corrected: what it would forbid is not known, so it forbids everything to the"
                + " workloads that it applies to");
    assertThat(told(files.with(Map.of("a.yaml", policy("deny", "action: DENY"))))).isEmpty();
  }

  @Test
  void backendTlsPolicyWithAnErrorTrustsNobody() {
    String policy =
        """
        apiVersion: gateway.networking.k8s.io/v1
        kind: BackendTLSPolicy
        metadata: {name: tls, namespace: shop}
        spec:
          targetRefs: [{group: "", kind: Service, name: web}]
          validation: {%s: System, hostname: web.internal}
        """;
    ResourceFiles broken =
        ResourceFiles.empty().with(Map.of("a.yaml", policy.formatted("wellKnownCACertificate")));

    assertThat(broken.resources())
        .singleElement()
        .isInstanceOfSatisfying(
            BackendTlsPolicyResource.class,
            closed -> {
              assertThat(closed.isClosed()).isTrue();
              assertThat(closed.targets()).hasSize(1);
            });
    assertThat(told(broken))
        .singleElement()
        .asString()
        .contains("BackendTLSPolicy shop/tls is closed", "nothing is sent to them");
    assertThat(
            broken.with(Map.of("a.yaml", policy.formatted("wellKnownCACertificates"))).resources())
        .noneMatch(one -> ((BackendTlsPolicyResource) one).isClosed());
  }

  @Test
  void policyThatNothingCanStandInForIsTold() {
    String nameless = policy("x", "action: DENY, rules: [{}]").replace("name: x, ", "");
    String ofNewVersion = policy("x", "action: DENY").replace("v1alpha1", "v9");
    ResourceFiles files =
        ResourceFiles.empty()
            .with(Map.of("a.yaml", BROKEN, "b.yaml", nameless, "c.yaml", ofNewVersion));

    assertThat(files.resources()).isEmpty();
    assertThat(told(files))
        .containsExactly(
            "a.yaml: document 1, line 3: the file cannot be read; should it hold a policy: nothing"
                + " stands in for it, and what it forbids is open",
            "b.yaml: document 1, line 2: AuthorizationPolicy that cannot be read: nothing stands in"
                + " for it, and what it forbids is open",
            "c.yaml: document 1, line 2: AuthorizationPolicy that cannot be read: nothing stands in"
                + " for it, and what it forbids is open");
  }

  @Test
  void brokenFileWithALastGoodStateIsNotToldAsOpen() {
    ResourceFiles files =
        ResourceFiles.empty()
            .with(Map.of("a.yaml", policy("deny", "action: DENY, rules: [{}]")))
            .with(Map.of("a.yaml", BROKEN));

    assertThat(policies(files)).containsExactly("deny DENY 1");
    assertThat(told(files)).isEmpty();
  }

  @Test
  void whatStandsInForAPolicyGivesWayToOneThatIsSound() {
    String broken = policy("one", "action: DENNY, rules: [{}]");
    ResourceFiles files =
        ResourceFiles.empty()
            .with(
                Map.of(
                    "a.yaml", broken,
                    "b.yaml", broken,
                    "c.yaml", policy("one", "action: ALLOW, rules: [{}, {}]")));

    assertThat(policies(files)).containsExactly("one ALLOW 2");
    assertThat(told(files)).isEmpty();
    assertThat(files.errors()).extracting(ResourceError::file).containsExactly("a.yaml", "b.yaml");
  }
}
