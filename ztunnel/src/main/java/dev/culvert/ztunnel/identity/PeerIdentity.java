// SPDX-License-Identifier: Apache-2.0
package dev.culvert.ztunnel.identity;

import dev.culvert.policy.spiffe.InvalidSpiffeIdException;
import dev.culvert.policy.spiffe.SpiffeId;
import java.security.cert.Certificate;
import java.security.cert.CertificateParsingException;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import javax.net.ssl.SSLPeerUnverifiedException;
import javax.net.ssl.SSLSession;

/** Who is at the other end of a TLS session: the first URI name of its certificate. */
public final class PeerIdentity {
  /** The kind of a URI among the alternative names (RFC 5280 4.2.1.6, GeneralName). */
  private static final int URI_NAME = 6;

  private PeerIdentity() {}

  /**
   * The identity that the peer proved.
   *
   * @throws SSLPeerUnverifiedException when it showed no certificate, or one without a SPIFFE id,
   *     or talked it into another cipher than AES-GCM, which BoringSSL cannot be told to refuse
   */
  public static SpiffeId of(SSLSession session) throws SSLPeerUnverifiedException {
    if (!TlsContexts.SUITES.contains(session.getCipherSuite())) {
      throw new SSLPeerUnverifiedException(
          "the peer wants %s; the mesh takes only %s"
              .formatted(session.getCipherSuite(), TlsContexts.SUITES));
    }
    return of(chain(session).getFirst());
  }

  /** What the peer showed, leaf first. */
  static List<X509Certificate> chain(SSLSession session) throws SSLPeerUnverifiedException {
    List<X509Certificate> chain = new ArrayList<>();
    for (Certificate certificate : session.getPeerCertificates()) {
      if (certificate instanceof X509Certificate x509) {
        chain.add(x509);
      }
    }
    if (chain.isEmpty()) {
      throw new SSLPeerUnverifiedException("the peer showed no X.509 certificate");
    }
    return chain;
  }

  /**
   * The identity in a certificate.
   *
   * @throws SSLPeerUnverifiedException when there is no SPIFFE id in it
   */
  public static SpiffeId of(X509Certificate leaf) throws SSLPeerUnverifiedException {
    try {
      return firstUri(leaf.getSubjectAlternativeNames());
    } catch (CertificateParsingException | InvalidSpiffeIdException e) {
      throw new SSLPeerUnverifiedException("the peer's certificate is unusable: " + e.getMessage());
    }
  }

  private static SpiffeId firstUri(Collection<List<?>> names) throws SSLPeerUnverifiedException {
    if (names != null) {
      for (List<?> name : names) {
        if (name.get(0).equals(URI_NAME)) {
          return SpiffeId.parse((String) name.get(1));
        }
      }
    }
    throw new SSLPeerUnverifiedException("the peer's certificate names no SPIFFE id");
  }
}
