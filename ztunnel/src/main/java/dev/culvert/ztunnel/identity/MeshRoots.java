// SPDX-License-Identifier: Apache-2.0
package dev.culvert.ztunnel.identity;

import dev.culvert.policy.spiffe.SpiffeId;
import dev.culvert.policy.spiffe.TrustDomain;
import java.security.GeneralSecurityException;
import java.security.cert.CertPath;
import java.security.cert.CertPathValidator;
import java.security.cert.CertPathValidatorException;
import java.security.cert.CertPathValidatorException.BasicReason;
import java.security.cert.CertificateException;
import java.security.cert.CertificateFactory;
import java.security.cert.PKIXParameters;
import java.security.cert.PKIXReason;
import java.security.cert.TrustAnchor;
import java.security.cert.X509Certificate;
import java.time.Clock;
import java.util.Collection;
import java.util.Date;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import javax.net.ssl.SSLPeerUnverifiedException;

/**
 * The roots of the mesh and the trust domain they speak for: decides whether a chain proves an
 * identity of this mesh. Immutable, any thread.
 */
final class MeshRoots {
  private final Set<X509Certificate> roots;
  private final Set<TrustAnchor> anchors;
  private final TrustDomain trustDomain;
  private final Clock clock;

  MeshRoots(Collection<X509Certificate> roots, TrustDomain trustDomain, Clock clock) {
    this.roots = Set.copyOf(roots);
    this.anchors =
        this.roots.stream()
            .map(root -> new TrustAnchor(root, null))
            .collect(Collectors.toUnmodifiableSet());
    this.trustDomain = trustDomain;
    this.clock = clock;
  }

  /**
   * The identity that {@code chain} proves.
   *
   * @param chain leaf first, as a TLS peer sends it
   * @throws CertificateException when the leaf is no identity of this trust domain, is outside its
   *     validity, or does not lead to a root; says which
   */
  SpiffeId verify(List<X509Certificate> chain) throws CertificateException {
    if (chain.isEmpty()) {
      throw new CertificateException("the peer sent no certificate");
    }
    SpiffeId id = identity(chain.getFirst());
    if (!id.trustDomain().equals(trustDomain)) {
      throw new CertificateException(
          "%s is not of trust domain %s".formatted(id, trustDomain.name()));
    }
    checkPath(id, chain);
    return id;
  }

  private static SpiffeId identity(X509Certificate leaf) throws CertificateException {
    try {
      return PeerIdentity.of(leaf);
    } catch (SSLPeerUnverifiedException e) {
      throw new CertificateException(e.getMessage(), e);
    }
  }

  Set<X509Certificate> certificates() {
    return roots;
  }

  private void checkPath(SpiffeId id, List<X509Certificate> chain) throws CertificateException {
    try {
      CertPath path =
          CertificateFactory.getInstance("X.509")
              .generateCertPath(chain.stream().filter(link -> !roots.contains(link)).toList());
      PKIXParameters parameters = new PKIXParameters(anchors);
      parameters.setRevocationEnabled(false);
      parameters.setDate(Date.from(clock.instant()));
      CertPathValidator.getInstance("PKIX").validate(path, parameters);
    } catch (CertPathValidatorException e) {
      throw new CertificateException(id + ": " + reason(e, chain), e);
    } catch (GeneralSecurityException e) {
      throw new CertificateException("%s: chain cannot be checked: %s".formatted(id, e), e);
    }
  }

  private static String reason(CertPathValidatorException e, List<X509Certificate> chain) {
    X509Certificate at = chain.get(Math.clamp(e.getIndex(), 0, chain.size() - 1));
    return switch (e.getReason()) {
      case BasicReason.EXPIRED -> "certificate expired at " + at.getNotAfter().toInstant();
      case BasicReason.NOT_YET_VALID ->
          "certificate is valid only from %s; compare the clocks of both nodes"
              .formatted(at.getNotBefore().toInstant());
      case PKIXReason.NO_TRUST_ANCHOR, BasicReason.INVALID_SIGNATURE ->
          "chain does not lead to a root of this mesh";
      default -> "chain is not valid: " + e.getMessage();
    };
  }
}
