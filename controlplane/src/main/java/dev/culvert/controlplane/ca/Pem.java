// SPDX-License-Identifier: Apache-2.0
package dev.culvert.controlplane.ca;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.StringReader;
import java.io.StringWriter;
import java.io.UncheckedIOException;
import java.security.PrivateKey;
import java.security.cert.CertificateEncodingException;
import java.security.cert.CertificateException;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.util.List;
import org.bouncycastle.asn1.pkcs.PrivateKeyInfo;
import org.bouncycastle.openssl.PEMKeyPair;
import org.bouncycastle.openssl.PEMParser;
import org.bouncycastle.openssl.jcajce.JcaPEMKeyConverter;
import org.bouncycastle.util.io.pem.PemObject;
import org.bouncycastle.util.io.pem.PemReader;
import org.bouncycastle.util.io.pem.PemWriter;

/** Certificates, keys and signing requests as RFC 7468 text. */
public final class Pem {
  private Pem() {}

  static String of(X509Certificate certificate) {
    try {
      return text("CERTIFICATE", certificate.getEncoded());
    } catch (CertificateEncodingException e) {
      throw new IllegalArgumentException("a certificate without an encoding", e);
    }
  }

  static String of(PrivateKey key) {
    return text("PRIVATE KEY", key.getEncoded());
  }

  /**
   * The one object of the wanted kind that the text holds.
   *
   * @throws IllegalArgumentException saying what else it is
   */
  static byte[] read(String text, String kind) {
    try (PemReader reader = new PemReader(new StringReader(text))) {
      PemObject object = reader.readPemObject();
      if (object == null) {
        throw new IllegalArgumentException("holds no PEM block");
      }
      if (!object.getType().equals(kind)) {
        throw new IllegalArgumentException("does not start with a PEM block of " + kind);
      }
      if (reader.readPemObject() != null) {
        throw new IllegalArgumentException("holds more than one PEM block");
      }
      return object.getContent();
    } catch (IOException | RuntimeException e) {
      // BouncyCastle meets broken base64 with exceptions of several kinds.
      throw new IllegalArgumentException("is not whole PEM: " + e.getMessage(), e);
    }
  }

  /**
   * The certificates that the text holds, at least one.
   *
   * @throws IllegalArgumentException saying what is wrong with it
   */
  public static List<X509Certificate> certificates(String text) {
    try {
      List<X509Certificate> certificates =
          CertificateFactory.getInstance("X.509")
              .generateCertificates(new ByteArrayInputStream(text.getBytes(UTF_8)))
              .stream()
              .map(X509Certificate.class::cast)
              .toList();
      if (certificates.isEmpty()) {
        throw new IllegalArgumentException("holds no certificate");
      }
      return certificates;
    } catch (CertificateException e) {
      throw new IllegalArgumentException("holds no certificates (" + e.getMessage() + ")", e);
    }
  }

  /**
   * The private key that the text holds, in PKCS#8 or the older forms of OpenSSL.
   *
   * @throws IllegalArgumentException saying what is wrong with it
   */
  public static PrivateKey key(String text) {
    JcaPEMKeyConverter converter = new JcaPEMKeyConverter();
    try (PEMParser parser = new PEMParser(new StringReader(text))) {
      for (Object part = parser.readObject(); part != null; part = parser.readObject()) {
        if (part instanceof PEMKeyPair pair) {
          return converter.getPrivateKey(pair.getPrivateKeyInfo());
        }
        if (part instanceof PrivateKeyInfo key) {
          return converter.getPrivateKey(key);
        }
      }
    } catch (IOException | RuntimeException e) {
      throw new IllegalArgumentException("is not whole PEM: " + e.getMessage(), e);
    }
    throw new IllegalArgumentException("holds no private key that can be read");
  }

  static String text(String kind, byte[] content) {
    StringWriter text = new StringWriter();
    try (PemWriter writer = new PemWriter(text)) {
      writer.writeObject(new PemObject(kind, content));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return text.toString();
  }
}
