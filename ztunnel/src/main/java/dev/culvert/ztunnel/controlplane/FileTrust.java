// SPDX-License-Identifier: Apache-2.0
package dev.culvert.ztunnel.controlplane;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.cert.Certificate;
import java.security.cert.CertificateException;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.util.Arrays;
import java.util.Collection;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.TrustManagerFactory;
import javax.net.ssl.X509ExtendedTrustManager;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Trusts the roots in one PEM file and nothing else, server names checked. The file is read at each
 * handshake, which is rare; one that no longer parses leaves the last good roots in force.
 */
final class FileTrust extends X509ExtendedTrustManager {
  private static final Logger LOG = LoggerFactory.getLogger(FileTrust.class);

  private final Path file;
  private byte[] content = {};
  private X509ExtendedTrustManager roots;

  /**
   * @throws IOException when the file cannot be read or holds no certificate
   */
  FileTrust(Path file) throws IOException {
    this.file = file;
    try {
      reload();
    } catch (GeneralSecurityException e) {
      throw new IOException(problem(e), e);
    }
  }

  @Override
  public void checkServerTrusted(X509Certificate[] chain, String authType, SSLEngine engine)
      throws CertificateException {
    try {
      current().checkServerTrusted(chain, authType, engine);
    } catch (CertificateException e) {
      throw new CertificateException(
          "the control plane's certificate is not trusted by root-cert %s: %s"
              .formatted(file, e.getMessage()),
          e);
    }
  }

  @Override
  public void checkServerTrusted(X509Certificate[] chain, String authType, Socket socket)
      throws CertificateException {
    throw new CertificateException("an engine is required to check the server's name");
  }

  @Override
  public void checkServerTrusted(X509Certificate[] chain, String authType)
      throws CertificateException {
    throw new CertificateException("an engine is required to check the server's name");
  }

  @Override
  public void checkClientTrusted(X509Certificate[] chain, String authType, SSLEngine engine)
      throws CertificateException {
    throw new CertificateException("not a server");
  }

  @Override
  public void checkClientTrusted(X509Certificate[] chain, String authType, Socket socket)
      throws CertificateException {
    throw new CertificateException("not a server");
  }

  @Override
  public void checkClientTrusted(X509Certificate[] chain, String authType)
      throws CertificateException {
    throw new CertificateException("not a server");
  }

  @Override
  public X509Certificate[] getAcceptedIssuers() {
    return new X509Certificate[0];
  }

  private synchronized X509ExtendedTrustManager current() {
    try {
      reload();
    } catch (IOException | GeneralSecurityException e) {
      LOG.warn("{}; the roots read before stay in force", problem(e));
    }
    return roots;
  }

  private void reload() throws IOException, GeneralSecurityException {
    byte[] read = Files.readAllBytes(file);
    if (Arrays.equals(read, content)) {
      return;
    }
    roots = trust(read);
    if (content.length > 0) {
      LOG.info("root-cert {} was read again", file);
    }
    content = read;
  }

  private String problem(Exception e) {
    return "root-cert %s: %s".formatted(file, e instanceof IOException ? e : e.getMessage());
  }

  private static X509ExtendedTrustManager trust(byte[] pem)
      throws IOException, GeneralSecurityException {
    Collection<? extends Certificate> certificates =
        CertificateFactory.getInstance("X.509").generateCertificates(new ByteArrayInputStream(pem));
    if (certificates.isEmpty()) {
      throw new CertificateException("holds no certificate in PEM");
    }
    KeyStore store = KeyStore.getInstance("PKCS12");
    store.load(null, null);
    int index = 0;
    for (Certificate certificate : certificates) {
      store.setCertificateEntry("root-" + index++, certificate);
    }
    TrustManagerFactory factory = TrustManagerFactory.getInstance("PKIX");
    factory.init(store);
    return (X509ExtendedTrustManager) factory.getTrustManagers()[0];
  }
}
