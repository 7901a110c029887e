// SPDX-License-Identifier: Apache-2.0
package dev.culvert.ztunnel.xds;

import dev.culvert.policy.spiffe.TrustDomains;
import dev.culvert.policy.wire.security.Authorization;
import dev.culvert.policy.wire.security.Clause;
import dev.culvert.policy.wire.security.Match;
import dev.culvert.policy.wire.security.Rule;
import dev.culvert.policy.wire.security.StringMatch;

/**
 * Writes the principals of a policy by the own trust domain where they name an alias of it, as
 * peers' identities are: a policy means the same under every name, in ALLOW and in DENY.
 */
record PrincipalAliases(TrustDomains domains) {

  Authorization normalize(Authorization policy) {
    if (domains.aliases().isEmpty()) {
      return policy;
    }
    Authorization.Builder normal = policy.toBuilder();
    for (Rule.Builder rule : normal.getRulesBuilderList()) {
      for (Clause.Builder clause : rule.getClausesBuilderList()) {
        clause.getMatchesBuilderList().forEach(this::normalize);
      }
    }
    return normal.build();
  }

  private void normalize(Match.Builder match) {
    match.getPrincipalsBuilderList().forEach(this::normalize);
    match.getNotPrincipalsBuilderList().forEach(this::normalize);
  }

  private void normalize(StringMatch.Builder text) {
    if (text.hasExact()) {
      text.setExact(domains.normalizePrincipal(text.getExact()));
    } else if (text.hasPrefix()) {
      text.setPrefix(domains.normalizePrincipal(text.getPrefix()));
    }
  }
}
