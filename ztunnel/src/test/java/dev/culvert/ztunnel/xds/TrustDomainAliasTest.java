// SPDX-License-Identifier: Apache-2.0
package dev.culvert.ztunnel.xds;

import static dev.culvert.ztunnel.xds.Resources.pod;
import static dev.culvert.ztunnel.xds.Resources.push;
import static dev.culvert.ztunnel.xds.Resources.resource;
import static org.assertj.core.api.Assertions.assertThat;

import dev.culvert.policy.authz.ConnectionFacts;
import dev.culvert.policy.authz.Verdict;
import dev.culvert.policy.spiffe.SpiffeId;
import dev.culvert.policy.spiffe.TrustDomain;
import dev.culvert.policy.spiffe.TrustDomains;
import dev.culvert.policy.wire.security.Action;
import dev.culvert.policy.wire.security.Authorization;
import dev.culvert.policy.wire.security.Clause;
import dev.culvert.policy.wire.security.Match;
import dev.culvert.policy.wire.security.Rule;
import dev.culvert.policy.wire.security.Scope;
import dev.culvert.policy.wire.security.StringMatch;
import java.net.InetAddress;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;

class TrustDomainAliasTest {
  @Test
  void aliasOfTheTrustDomainMeansTheSame() {
    TrustDomains domains =
        new TrustDomains(new TrustDomain("cluster.local"), Set.of(new TrustDomain("old.example")));
    MeshStore aliased = new MeshStore("Kubernetes", "", domains);
    push(
        aliased,
        resource(pod("shop", "web", "198.18.0.1").setTrustDomain("old.example")),
        resource(denyPrincipal("old.example/ns/shop/sa/client")));

    Workload web = aliased.workload("shop", "web").orElseThrow();
    assertThat(web.identity()).hasToString("spiffe://cluster.local/ns/shop/sa/web");
    assertThat(decide(aliased, "spiffe://cluster.local/ns/shop/sa/client").isAllowed()).isFalse();
    assertThat(decide(aliased, "spiffe://cluster.local/ns/shop/sa/other").isAllowed()).isTrue();
  }

  private static Verdict decide(MeshStore mesh, String peer) {
    ConnectionFacts facts =
        new ConnectionFacts(
            Optional.of(SpiffeId.parse(peer)),
            InetAddress.ofLiteral("198.18.0.9"),
            InetAddress.ofLiteral("198.18.0.1"),
            80);
    return mesh.policies().decide("shop", List.of(), facts);
  }

  private static Authorization denyPrincipal(String principal) {
    return Authorization.newBuilder()
        .setNamespace("shop")
        .setName("deny")
        .setScope(Scope.NAMESPACE)
        .setAction(Action.DENY)
        .addRules(
            Rule.newBuilder()
                .addClauses(
                    Clause.newBuilder()
                        .addMatches(
                            Match.newBuilder()
                                .addPrincipals(StringMatch.newBuilder().setExact(principal)))))
        .build();
  }
}
