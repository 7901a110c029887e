// SPDX-License-Identifier: Apache-2.0
package dev.culvert.tests.hostile;

import java.net.Socket;
import java.security.GeneralSecurityException;
import java.security.Principal;
import java.security.PrivateKey;
import java.security.cert.CertificateEncodingException;
import java.security.cert.X509Certificate;
import java.util.Base64;
import java.util.function.Supplier;
import javax.net.ssl.KeyManager;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.TrustManager;
import javax.net.ssl.X509ExtendedKeyManager;
import javax.net.ssl.X509ExtendedTrustManager;

/**
 * A leaf certificate with its key and root, and the TLS context of a client that shows it and
 * believes anybody.
 */
public record PeerCertificate(X509Certificate leaf, X509Certificate root, PrivateKey key) {
  /** The leaf in PEM. */
  public String leafPem() {
    try {
      return pem("CERTIFICATE", leaf.getEncoded());
    } catch (CertificateEncodingException e) {
      throw new IllegalStateException("it was made by us", e);
    }
  }

  /** The key in PEM, as PKCS#8. */
  public String keyPem() {
    return pem("PRIVATE KEY", key.getEncoded());
  }

  private static String pem(String what, byte[] der) {
    String body = Base64.getMimeEncoder(64, new byte[] {'\n'}).encodeToString(der);
    return "-----BEGIN %1$s-----\n%2$s\n-----END %1$s-----\n".formatted(what, body);
  }

  /** The TLS context of the peer. */
  SSLContext context() {
    return context(() -> this, () -> {});
  }

  /** The TLS context of a client without a certificate. */
  static SSLContext anonymous() {
    return context(null, () -> {});
  }

  /**
   * The TLS context of a peer that may be another each time.
   *
   * @param shown asked whenever a certificate is to be shown; null shows none
   * @param proved run for each peer that showed one, which nobody does who resumes a session
   */
  public static SSLContext context(Supplier<PeerCertificate> shown, Runnable proved) {
    try {
      SSLContext context = SSLContext.getInstance("TLSv1.3");
      context.init(
          shown == null ? null : keys(shown), new TrustManager[] {new Credulous(proved)}, null);
      return context;
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("cannot build a TLS context", e);
    }
  }

  /** Shows it to whoever asks. */
  public KeyManager[] keys() {
    return keys(() -> this);
  }

  private static KeyManager[] keys(Supplier<PeerCertificate> shown) {
    return new KeyManager[] {new Shown(shown)};
  }

  /** Has one certificate under one name, whatever is asked for. */
  private static final class Shown extends X509ExtendedKeyManager {
    private static final String NAME = "peer";

    private final Supplier<PeerCertificate> shown;

    Shown(Supplier<PeerCertificate> shown) {
      this.shown = shown;
    }

    @Override
    public String chooseEngineClientAlias(String[] types, Principal[] issuers, SSLEngine engine) {
      return NAME;
    }

    @Override
    public String chooseEngineServerAlias(String type, Principal[] issuers, SSLEngine engine) {
      return serverAlias(type);
    }

    @Override
    public String chooseClientAlias(String[] types, Principal[] issuers, Socket socket) {
      return NAME;
    }

    @Override
    public String chooseServerAlias(String type, Principal[] issuers, Socket socket) {
      return serverAlias(type);
    }

    private static String serverAlias(String type) {
      return type.equals("EC") ? NAME : null;
    }

    @Override
    public String[] getClientAliases(String type, Principal[] issuers) {
      return new String[] {NAME};
    }

    @Override
    public String[] getServerAliases(String type, Principal[] issuers) {
      return new String[] {NAME};
    }

    @Override
    public X509Certificate[] getCertificateChain(String name) {
      PeerCertificate now = shown.get();
      return new X509Certificate[] {now.leaf(), now.root()};
    }

    @Override
    public PrivateKey getPrivateKey(String name) {
      return shown.get().key();
    }
  }

  private static final class Credulous extends X509ExtendedTrustManager {
    private final Runnable proved;

    Credulous(Runnable proved) {
      this.proved = proved;
    }

    @Override
    public void checkClientTrusted(X509Certificate[] chain, String type, Socket socket) {
      proved.run();
    }

    @Override
    public void checkServerTrusted(X509Certificate[] chain, String type, Socket socket) {
      proved.run();
    }

    @Override
    public void checkClientTrusted(X509Certificate[] chain, String type, SSLEngine engine) {
      proved.run();
    }

    @Override
    public void checkServerTrusted(X509Certificate[] chain, String type, SSLEngine engine) {
      proved.run();
    }

    @Override
    public void checkClientTrusted(X509Certificate[] chain, String type) {
      proved.run();
    }

    @Override
    public void checkServerTrusted(X509Certificate[] chain, String type) {
      proved.run();
    }

    @Override
    public X509Certificate[] getAcceptedIssuers() {
      return new X509Certificate[0];
    }
  }
}
