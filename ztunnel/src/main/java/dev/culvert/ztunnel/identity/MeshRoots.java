// SPDX-License-Identifier: Apache-2.0
package dev.culvert.ztunnel.identity;

import dev.culvert.policy.spiffe.SpiffeId;
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
import java.time.Duration;
import java.time.Instant;
import java.util.Collection;
import java.util.Comparator;
import java.util.Date;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import javax.net.ssl.SSLPeerUnverifiedException;
import javax.net.ssl.SSLSession;

/**
 * The roots of the mesh and the trust domains they speak for: decides whether a chain proves an
 * identity of this mesh. Any thread.
 */
public final class MeshRoots {
  /** Codes of x509_vfy.h, from which BoringSSL makes the alert that the peer sees. */
  private static final int NOT_YET_VALID = 9;

  private static final int EXPIRED = 10;
  private static final int NO_ISSUER = 20;
  private static final int REVOKED = 23;
  private static final int REJECTED = 28;

  /** The roots in force and what the path check wants of them. */
  private record Anchored(
      Set<X509Certificate> newest, Set<X509Certificate> roots, Set<TrustAnchor> anchors) {}

  private final Set<X509Certificate> own;
  private final MeshTrust trust;
  private final Clock clock;
  private volatile Anchored inForce;

  /**
   * @param own those that came with the certificate that is checked for
   */
  MeshRoots(Collection<X509Certificate> own, MeshTrust trust, Clock clock) {
    this.own = Set.copyOf(own);
    this.trust = trust;
    this.clock = clock;
    this.inForce = anchored(trust.newestRoots());
  }

  /** The identity by its name in the own trust domain. */
  public SpiffeId normalize(SpiffeId id) {
    return trust.domains().normalize(id);
  }

  /**
   * Watches a peer that proved its identity, until the returned is run.
   *
   * @param reporter the own side of TLS, by which it is counted
   * @param revoked called at most once, on any thread, when one of its certificates is revoked
   * @throws SSLPeerUnverifiedException when its certificates cannot be read, which is counted
   */
  public Runnable watch(SSLSession session, String reporter, Consumer<RevokedException> revoked)
      throws SSLPeerUnverifiedException {
    try {
      List<X509Certificate> chain = PeerIdentity.chain(session);
      return trust.revocations().watch(chain, issuers(chain), revoked)::close;
    } catch (SSLPeerUnverifiedException e) {
      trust.revocations().countUntracked(reporter);
      throw e;
    }
  }

  /**
   * When the first of the certificates that a peer proved itself with ends.
   *
   * @throws SSLPeerUnverifiedException when they cannot be read
   */
  public Instant endOf(SSLSession session) throws SSLPeerUnverifiedException {
    return PeerIdentity.chain(session).stream()
        .map(link -> link.getNotAfter().toInstant())
        .min(Comparator.naturalOrder())
        .orElseThrow();
  }

  /** How long until then, by the clock that certificates are held against. */
  public Duration timeUntil(Instant end) {
    return Duration.between(clock.instant(), end);
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
    if (!trust.domains().hold(id.trustDomain())) {
      throw refused("%s is not of trust domain %s".formatted(id, trust.domains()), null, REJECTED);
    }
    checkPath(id, chain);
    checkRevocation(chain);
    return id;
  }

  private static SpiffeId identity(X509Certificate leaf) throws CertificateException {
    try {
      return PeerIdentity.of(leaf);
    } catch (SSLPeerUnverifiedException e) {
      throw refused(e.getMessage(), e, REJECTED);
    }
  }

  /** Those that came with the certificate. */
  Set<X509Certificate> certificates() {
    return own;
  }

  /** Counts a peer that was refused or closed, by who of the two did it. */
  public void countRevoked(String reporter) {
    trust.revocations().count(reporter);
  }

  private Anchored inForce() {
    Anchored now = inForce;
    Set<X509Certificate> newest = trust.newestRoots();
    if (!now.newest().equals(newest)) {
      now = anchored(newest);
      inForce = now;
    }
    return now;
  }

  private Anchored anchored(Set<X509Certificate> newest) {
    Set<X509Certificate> all =
        Stream.concat(own.stream(), newest.stream()).collect(Collectors.toUnmodifiableSet());
    return new Anchored(
        newest,
        all,
        all.stream()
            .map(root -> new TrustAnchor(root, null))
            .collect(Collectors.toUnmodifiableSet()));
  }

  private List<X509Certificate> issuers(List<X509Certificate> chain) {
    return Stream.concat(chain.stream(), inForce().roots().stream()).toList();
  }

  private void checkRevocation(List<X509Certificate> chain) throws CertificateException {
    Optional<X509Certificate> revoked = trust.revocations().find(chain, issuers(chain));
    if (revoked.isPresent()) {
      RevokedException cause = new RevokedException(revoked.get());
      throw refused(cause.getMessage(), cause, REVOKED);
    }
  }

  private void checkPath(SpiffeId id, List<X509Certificate> chain) throws CertificateException {
    Anchored now = inForce();
    try {
      CertPath path =
          CertificateFactory.getInstance("X.509")
              .generateCertPath(
                  chain.stream().filter(link -> !now.roots().contains(link)).toList());
      PKIXParameters parameters = new PKIXParameters(now.anchors());
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
