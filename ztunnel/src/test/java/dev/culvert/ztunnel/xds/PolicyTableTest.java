// SPDX-License-Identifier: Apache-2.0
package dev.culvert.ztunnel.xds;

import static dev.culvert.ztunnel.xds.Resources.denyAll;
import static dev.culvert.ztunnel.xds.Resources.pod;
import static dev.culvert.ztunnel.xds.Resources.resource;
import static org.assertj.core.api.Assertions.assertThat;

import dev.culvert.policy.authz.ConnectionFacts;
import dev.culvert.policy.authz.PolicyKey;
import dev.culvert.policy.authz.Verdict;
import dev.culvert.policy.authz.Verdict.Reason;
import dev.culvert.policy.spiffe.TrustDomain;
import dev.culvert.policy.spiffe.TrustDomains;
import dev.culvert.policy.wire.discovery.Resource;
import dev.culvert.policy.wire.security.Authorization;
import dev.culvert.policy.wire.security.Scope;
import java.net.InetAddress;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class PolicyTableTest {
  private static final ConnectionFacts FACTS =
      new ConnectionFacts(
          Optional.empty(),
          InetAddress.ofLiteral("198.18.0.9"),
          InetAddress.ofLiteral("198.18.0.1"),
          80);
  private static final int UNHEARD_OF = 99;

  private final PolicyTable table =
      new PolicyTable(TrustDomains.only(new TrustDomain("cluster.local")));

  @Test
  void newPolicyOfUnknownActionClosesItsNamespace() {
    assertThat(apply(unusable("shop", Scope.NAMESPACE))).isEqualTo(1);

    assertThat(reason("shop")).contains(Reason.UNUSABLE);
    assertThat(reason("bank")).isEmpty();
  }

  @Test
  void newPolicyOfUnknownActionClosesTheMesh() {
    apply(unusable("culvert-system", Scope.GLOBAL));

    assertThat(reason("bank")).contains(Reason.UNUSABLE);
  }

  @Test
  void policyOfUnknownScopeClosesItsNamespace() {
    apply(denyAll("shop", "odd").toBuilder().setScopeValue(UNHEARD_OF).build());

    assertThat(reason("shop")).contains(Reason.UNUSABLE);
    assertThat(reason("bank")).isEmpty();
  }

  @Test
  void unusablePolicyThatAWorkloadNamesRefuses() {
    apply(unusable("shop", Scope.WORKLOAD_SELECTOR));

    assertThat(reason("shop")).isEmpty();
    assertThat(reason("shop", new PolicyKey("shop", "odd"))).contains(Reason.UNUSABLE);
  }

  @Test
  void bytesThatAreNoPolicyCloseTheNamespaceOfTheirName() {
    Resource other = resource("shop/odd", pod("shop", "web", "198.18.0.1").build());
    assertThat(table.apply(List.of(other), List.of())).hasSize(1);

    assertThat(reason("shop")).contains(Reason.UNUSABLE);
    assertThat(table.all()).isEmpty();
  }

  @Test
  void goodOneOpensAgain() {
    apply(unusable("shop", Scope.NAMESPACE));
    apply(denyAll("shop", "odd").toBuilder().setScope(Scope.WORKLOAD_SELECTOR).build());

    assertThat(reason("shop")).isEmpty();
  }

  @Test
  void removalOpensAgain() {
    apply(unusable("shop", Scope.NAMESPACE));
    table.apply(List.of(), List.of("shop/odd"));

    assertThat(reason("shop")).isEmpty();
    assertThat(table.index().size()).isZero();
  }

  @Test
  void unusableUpdateLeavesTheGoodOneInForce() {
    apply(denyAll("shop", "odd"));
    apply(unusable("shop", Scope.GLOBAL));

    assertThat(reason("shop")).contains(Reason.NO_ALLOW_MATCHED);
    assertThat(reason("bank")).isEmpty();
  }

  @Test
  void unusableUpdateOfAnUnusableOneTakesItsPlace() {
    apply(unusable("shop", Scope.GLOBAL));
    apply(unusable("shop", Scope.NAMESPACE));

    assertThat(reason("shop")).contains(Reason.UNUSABLE);
    assertThat(reason("bank")).isEmpty();
  }

  @Test
  void unusablePolicyInDryRunRefusesNothing() {
    assertThat(apply(unusable("shop", Scope.NAMESPACE).toBuilder().setDryRun(true).build()))
        .isEqualTo(1);

    assertThat(reason("shop")).isEmpty();
  }

  private int apply(Authorization policy) {
    return table.apply(List.of(resource(policy)), List.of()).size();
  }

  private Optional<Reason> reason(String namespace, PolicyKey... selected) {
    return table.index().decide(namespace, List.of(selected), FACTS) instanceof Verdict.Deny deny
        ? Optional.of(deny.reason())
        : Optional.empty();
  }

  private static Authorization unusable(String namespace, Scope scope) {
    return denyAll(namespace, "odd").toBuilder().setScope(scope).setActionValue(UNHEARD_OF).build();
  }
}
