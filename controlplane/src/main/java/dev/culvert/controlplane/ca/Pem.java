// SPDX-License-Identifier: Apache-2.0
package dev.culvert.controlplane.ca;

import java.io.IOException;
import java.io.StringReader;
import java.io.StringWriter;
import java.io.UncheckedIOException;
import java.security.PrivateKey;
import java.security.cert.CertificateEncodingException;
import java.security.cert.X509Certificate;
import org.bouncycastle.util.io.pem.PemObject;
import org.bouncycastle.util.io.pem.PemReader;
import org.bouncycastle.util.io.pem.PemWriter;

/** Certificates, keys and signing requests as RFC 7468 text. */
final class Pem {
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

  private static String text(String kind, byte[] content) {
    StringWriter text = new StringWriter();
    try (PemWriter writer = new PemWriter(text)) {
      writer.writeObject(new PemObject(kind, content));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return text.toString();
  }
}
