// SPDX-License-Identifier: Apache-2.0
package dev.culvert.ztunnel.identity;

import dev.culvert.policy.spiffe.TrustDomain;
import dev.culvert.policy.spiffe.TrustDomains;
import java.security.cert.X509Certificate;
import java.util.Set;

/** What all certificates of a node share when peers are checked. Any thread. */
public final class MeshTrust {
  private final TrustDomains domains;
  private final Revocations revocations;
  private volatile Set<X509Certificate> newestRoots = Set.of();

  /**
   * @param domains whose identities are believed
   */
  public MeshTrust(TrustDomains domains, Revocations revocations) {
    this.domains = domains;
    this.revocations = revocations;
  }

  /** One trust domain, and nothing revoked. */
  static MeshTrust only(TrustDomain domain) {
    return new MeshTrust(TrustDomains.only(domain), Revocations.none());
  }

  TrustDomains domains() {
    return domains;
  }

  Revocations revocations() {
    return revocations;
  }

  /**
   * The roots that came with the last certificate. While the CA changes its root, the peers of an
   * identity that was not renewed yet may be ahead of it.
   */
  Set<X509Certificate> newestRoots() {
    return newestRoots;
  }

  void learn(Set<X509Certificate> roots) {
    if (!roots.equals(newestRoots)) {
      newestRoots = roots;
    }
  }
}
