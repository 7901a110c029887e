// SPDX-License-Identifier: Apache-2.0
package dev.culvert.ztunnel.identity;

import java.net.Socket;
import java.security.cert.CertificateException;
import java.security.cert.X509Certificate;
import java.util.List;
import java.util.Set;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.X509ExtendedTrustManager;

/**
 * The mesh's check of a TLS peer, the same for both sides: no host names, only identities. Which
 * identity is expected is for the caller to check once the handshake is done.
 */
final class PeerTrust extends X509ExtendedTrustManager {
  private static final String CLIENT_AUTH = "1.3.6.1.5.5.7.3.2";
  private static final String SERVER_AUTH = "1.3.6.1.5.5.7.3.1";

  private final MeshRoots roots;

  PeerTrust(MeshRoots roots) {
    this.roots = roots;
  }

  @Override
  public void checkClientTrusted(X509Certificate[] chain, String authType, SSLEngine engine)
      throws CertificateException {
    check(chain, CLIENT_AUTH);
  }

  @Override
  public void checkClientTrusted(X509Certificate[] chain, String authType, Socket socket)
      throws CertificateException {
    check(chain, CLIENT_AUTH);
  }

  @Override
  public void checkClientTrusted(X509Certificate[] chain, String authType)
      throws CertificateException {
    check(chain, CLIENT_AUTH);
  }

  @Override
  public void checkServerTrusted(X509Certificate[] chain, String authType, SSLEngine engine)
      throws CertificateException {
    check(chain, SERVER_AUTH);
  }

  @Override
  public void checkServerTrusted(X509Certificate[] chain, String authType, Socket socket)
      throws CertificateException {
    check(chain, SERVER_AUTH);
  }

  @Override
  public void checkServerTrusted(X509Certificate[] chain, String authType)
      throws CertificateException {
    check(chain, SERVER_AUTH);
  }

  /** None are named to the peer: it has one certificate to choose from. */
  @Override
  public X509Certificate[] getAcceptedIssuers() {
    return new X509Certificate[0];
  }

  private void check(X509Certificate[] chain, String usage) throws CertificateException {
    try {
      roots.verify(List.of(chain));
    } catch (CertificateException e) {
      if (RevokedException.isCauseOf(e)) {
        roots.countRevoked(usage.equals(CLIENT_AUTH) ? "destination" : "source");
      }
      throw e;
    }
    Set<String> usages =
        chain[0].getExtendedKeyUsage() == null
            ? Set.of(usage)
            : Set.copyOf(chain[0].getExtendedKeyUsage());
    if (!usages.contains(usage)) {
      throw new CertificateException("the certificate is not for this side of TLS: " + usages);
    }
  }
}
