// SPDX-License-Identifier: Apache-2.0
package dev.culvert.policy.spiffe;

import java.util.Set;

/**
 * The trust domain of a mesh and the other names it goes by, for example while it is renamed. An
 * identity of an alias is the same as the one of the own trust domain with its path.
 *
 * @param aliases names that mean the own trust domain
 */
public record TrustDomains(TrustDomain own, Set<TrustDomain> aliases) {
  public TrustDomains {
    aliases = Set.copyOf(aliases);
  }

  /** A trust domain without aliases. */
  public static TrustDomains only(TrustDomain own) {
    return new TrustDomains(own, Set.of());
  }

  /** Whether identities of the trust domain are of this mesh. */
  public boolean hold(TrustDomain domain) {
    return own.equals(domain) || aliases.contains(domain);
  }

  /** The identity by its name in the own trust domain; one of no alias as it is. */
  public SpiffeId normalize(SpiffeId id) {
    return aliases.contains(id.trustDomain()) ? new SpiffeId(own, id.path()) : id;
  }

  /**
   * A principal, or its begin, as a policy writes it: {@code TRUSTDOMAIN/PATH}. Normalized as
   * identities are, so that both still meet; as it is when it names no alias.
   */
  public String normalizePrincipal(String principal) {
    int slash = principal.indexOf('/');
    if (slash > 0) {
      for (TrustDomain alias : aliases) {
        if (principal.startsWith(alias.name()) && alias.name().length() == slash) {
          return own.name() + principal.substring(slash);
        }
      }
    }
    return principal;
  }

  @Override
  public String toString() {
    return aliases.isEmpty() ? own.name() : own + " or " + aliases;
  }
}
