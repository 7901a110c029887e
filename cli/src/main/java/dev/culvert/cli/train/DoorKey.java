// SPDX-License-Identifier: Apache-2.0
package dev.culvert.cli.train;

import static java.nio.charset.StandardCharsets.US_ASCII;

import java.io.IOException;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.util.Base64;
import java.util.List;
import java.util.concurrent.TimeUnit;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManagerFactory;

/**
 * One key and its certificate for both ends of the trained front door's TLS: each trusts the
 * other's because it is its own.
 *
 * @param file PKCS #12
 */
record DoorKey(Path file) {
  /** The name in the certificate. */
  static final String HOST = "train.example";

  private static final String ALIAS = "door";

  /** It guards nothing: the key lives for one run. */
  private static final String PASSWORD = "training";

  /** Makes it, by the JDK's keytool. */
  static DoorKey make(Path file) throws IOException {
    List<String> command =
        List.of(
            Path.of(System.getProperty("java.home"), "bin", "keytool").toString(),
            "-genkeypair",
            "-keystore",
            file.toString(),
            "-storetype",
            "PKCS12",
            "-storepass",
            PASSWORD,
            "-alias",
            ALIAS,
            "-keyalg",
            "EC",
            "-groupname",
            "secp256r1",
            "-dname",
            "CN=" + HOST,
            "-ext",
            "BC=ca:true",
            "-ext",
            "SAN=dns:" + HOST,
            "-validity",
            "2");
    Process made = new ProcessBuilder(command).redirectErrorStream(true).start();
    String said = new String(made.getInputStream().readAllBytes(), US_ASCII);
    try {
      if (!made.waitFor(30, TimeUnit.SECONDS) || made.exitValue() != 0) {
        throw new IOException("keytool made no key: " + said);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IOException("interrupted while keytool made a key", e);
    }
    return new DoorKey(file);
  }

  /** PEM. */
  String certificate() throws IOException {
    try {
      return pem("CERTIFICATE", store().getCertificate(ALIAS).getEncoded());
    } catch (GeneralSecurityException e) {
      throw new IOException("%s cannot be read".formatted(file), e);
    }
  }

  /** PEM, PKCS #8. */
  String key() throws IOException {
    try {
      return pem("PRIVATE KEY", store().getKey(ALIAS, PASSWORD.toCharArray()).getEncoded());
    } catch (GeneralSecurityException e) {
      throw new IOException("%s cannot be read".formatted(file), e);
    }
  }

  /** For a client. */
  SSLContext context() throws IOException {
    try {
      KeyManagerFactory keys =
          KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
      keys.init(store(), PASSWORD.toCharArray());
      KeyStore trusted = KeyStore.getInstance("PKCS12");
      trusted.load(null, null);
      trusted.setCertificateEntry(ALIAS, store().getCertificate(ALIAS));
      TrustManagerFactory trust =
          TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
      trust.init(trusted);
      SSLContext context = SSLContext.getInstance("TLSv1.3");
      context.init(keys.getKeyManagers(), trust.getTrustManagers(), null);
      return context;
    } catch (GeneralSecurityException e) {
      throw new IOException("%s cannot be used".formatted(file), e);
    }
  }

  private KeyStore store() throws IOException, GeneralSecurityException {
    return KeyStore.getInstance(file.toFile(), PASSWORD.toCharArray());
  }

  private static String pem(String kind, byte[] content) {
    return "-----BEGIN %1$s-----\n%2$s\n-----END %1$s-----\n"
        .formatted(kind, Base64.getMimeEncoder(64, new byte[] {'\n'}).encodeToString(content));
  }
}
