// SPDX-License-Identifier: Apache-2.0
package dev.culvert.ztunnel.identity;

import dev.culvert.policy.spiffe.SpiffeId;
import dev.culvert.policy.spiffe.TrustDomain;
import io.netty.handler.ssl.OpenSslCertificateException;
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
  /** Codes of x509_vfy.h, from which BoringSSL makes the alert that the peer sees. */
  private static final int NOT_YET_VALID = 9;

  private static final int EXPIRED = 10;
  private static final int NO_ISSUER = 20;
  private static final int REJECTED = 28;

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
      throw refused("the peer sent no certificate", null, REJECTED);
    }
    SpiffeId id = identity(chain.getFirst());
    if (!id.trustDomain().equals(trustDomain)) {
      throw refused("%s is not of trust domain %s".formatted(id, trustDomain), null, REJECTED);
    }
    checkPath(id, chain);
    return id;
  }

  private static SpiffeId identity(X509Certificate leaf) throws CertificateException {
    try {
      return PeerIdentity.of(leaf);
    } catch (SSLPeerUnverifiedException e) {
      throw refused(e.getMessage(), e, REJECTED);
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
      throw refused(id + ": " + reason(e, chain), e, code(e));
    } catch (GeneralSecurityException e) {
      throw refused("%s: chain cannot be checked: %s".formatted(id, e), e, REJECTED);
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

  private static int code(CertPathValidatorException e) {
    return switch (e.getReason()) {
      case BasicReason.EXPIRED -> EXPIRED;
      case BasicReason.NOT_YET_VALID -> NOT_YET_VALID;
      case PKIXReason.NO_TRUST_ANCHOR, BasicReason.INVALID_SIGNATURE -> NO_ISSUER;
      default -> REJECTED;
    };
  }

  private static CertificateException refused(String problem, Throwable cause, int code) {
    return new OpenSslCertificateException(problem, cause, code);
  }
}
