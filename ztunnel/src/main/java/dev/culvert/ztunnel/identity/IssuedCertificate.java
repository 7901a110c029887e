// SPDX-License-Identifier: Apache-2.0
package dev.culvert.ztunnel.identity;

import dev.culvert.policy.spiffe.SpiffeId;
import java.io.ByteArrayInputStream;
import java.nio.charset.StandardCharsets;
import java.security.PrivateKey;
import java.security.cert.Certificate;
import java.security.cert.CertificateException;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;

/**
 * What the CA signed for one identity, checked against what was asked.
 *
 * @param chain leaf first, then intermediates, without the roots
 */
record IssuedCertificate(
    SpiffeId id, PrivateKey key, List<X509Certificate> chain, MeshRoots roots) {

  /**
   * Reads the CA's answer.
   *
   * @param answer PEM, leaf first; the last element holds the root or several roots
   * @throws CertificateException when it is not for the key or the identity that was asked, is not
   *     valid now, or does not lead to the roots that came with it
   */
  static IssuedCertificate of(
      CertificateRequest request, List<String> answer, MeshTrust trust, Clock clock)
      throws CertificateException {
    if (answer.size() < 2) {
      throw new CertificateException(
          "the CA answered with %d PEM elements; a chain and its root are needed"
              .formatted(answer.size()));
    }
    List<X509Certificate> chain = new ArrayList<>();
    for (String element : answer.subList(0, answer.size() - 1)) {
      chain.addAll(parse(element));
    }
    MeshRoots roots = new MeshRoots(parse(answer.getLast()), trust, clock);
    chain.removeIf(roots.certificates()::contains);
    check(request, chain, roots);
    return new IssuedCertificate(
        request.id(), request.keys().getPrivate(), List.copyOf(chain), roots);
  }

  X509Certificate leaf() {
    return chain.getFirst();
  }

  Instant notAfter() {
    return leaf().getNotAfter().toInstant();
  }

  /** When to renew: half of what is left at {@code now}, which is when it was issued. */
  Duration halfLife(Instant now) {
    // Without dividedBy, whose BigDecimal costs a start a twentieth of a second.
    return Duration.ofMillis(Duration.between(now, notAfter()).toMillis() / 2);
  }

  private static void check(
      CertificateRequest request, List<X509Certificate> chain, MeshRoots roots)
      throws CertificateException {
    SpiffeId proven = roots.verify(chain);
    if (!proven.equals(request.id())) {
      throw new CertificateException(
          "the CA signed %s when asked for %s".formatted(proven, request.id()));
    }
    if (!chain.getFirst().getPublicKey().equals(request.publicKey())) {
      throw new CertificateException("the CA signed another key than the one that was sent");
    }
  }

  private static List<X509Certificate> parse(String pem) throws CertificateException {
    List<X509Certificate> certificates = new ArrayList<>();
    byte[] bytes = pem.getBytes(StandardCharsets.US_ASCII);
    for (Certificate certificate :
        CertificateFactory.getInstance("X.509")
            .generateCertificates(new ByteArrayInputStream(bytes))) {
      certificates.add((X509Certificate) certificate);
    }
    if (certificates.isEmpty()) {
      throw new CertificateException("an element of the CA's answer holds no certificate in PEM");
    }
    return certificates;
  }
}
