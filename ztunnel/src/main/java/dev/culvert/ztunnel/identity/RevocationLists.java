// SPDX-License-Identifier: Apache-2.0
package dev.culvert.ztunnel.identity;

import java.io.ByteArrayInputStream;
import java.security.GeneralSecurityException;
import java.security.PublicKey;
import java.security.cert.CRL;
import java.security.cert.CertificateFactory;
import java.security.cert.X509CRL;
import java.security.cert.X509Certificate;
import java.time.Instant;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;

/** The CRLs of one file (RFC 5280 5), PEM or DER. Immutable but for what it remembers of them. */
final class RevocationLists {
  private record Signed(X509CRL list, PublicKey by) {}

  private final List<X509CRL> lists;

  /** A signature is worth a handshake's time: each is checked once. */
  private final Map<Signed, Boolean> genuine = new ConcurrentHashMap<>();

  private RevocationLists(List<X509CRL> lists) {
    this.lists = lists;
  }

  static RevocationLists none() {
    return new RevocationLists(List.of());
  }

  /**
   * Reads a file's content.
   *
   * @throws GeneralSecurityException when it holds no CRL, or one that does not parse
   */
  static RevocationLists parse(byte[] content) throws GeneralSecurityException {
    Collection<? extends CRL> parsed =
        CertificateFactory.getInstance("X.509").generateCRLs(new ByteArrayInputStream(content));
    if (parsed.isEmpty()) {
      throw new GeneralSecurityException("there is no CRL in it");
    }
    return new RevocationLists(parsed.stream().map(X509CRL.class::cast).toList());
  }

  int size() {
    return lists.size();
  }

  /** Those that their issuer should have replaced by now. */
  List<X509CRL> outdated(Instant now) {
    return lists.stream()
        .filter(
            list -> list.getNextUpdate() != null && list.getNextUpdate().toInstant().isBefore(now))
        .toList();
  }

  /**
   * The first certificate of the chain that its issuer revoked. One whose issuer has no list here
   * counts as good, as Istio does it: a list is an addition to short lives, not a condition.
   *
   * @param issuers who may have signed a link of the chain or its list
   */
  Optional<X509Certificate> revoked(
      List<X509Certificate> chain, Collection<X509Certificate> issuers) {
    return lists.isEmpty()
        ? Optional.empty()
        : chain.stream().filter(link -> isRevoked(link, issuers)).findFirst();
  }

  private boolean isRevoked(X509Certificate link, Collection<X509Certificate> issuers) {
    for (X509CRL list : lists) {
      if (list.getIssuerX500Principal().equals(link.getIssuerX500Principal())
          && list.isRevoked(link)
          && issuers.stream().anyMatch(issuer -> isBy(list, issuer))) {
        return true;
      }
    }
    return false;
  }

  private boolean isBy(X509CRL list, X509Certificate issuer) {
    return list.getIssuerX500Principal().equals(issuer.getSubjectX500Principal())
        && genuine.computeIfAbsent(
            new Signed(list, issuer.getPublicKey()), RevocationLists::verify);
  }

  private static boolean verify(Signed signed) {
    try {
      signed.list().verify(signed.by());
      return true;
    } catch (GeneralSecurityException e) {
      return false;
    }
  }
}
