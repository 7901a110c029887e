// SPDX-License-Identifier: Apache-2.0
package dev.culvert.ztunnel.admin;

import dev.culvert.ztunnel.identity.CertificateStatus;
import dev.culvert.ztunnel.json.JsonText;
import java.nio.charset.StandardCharsets;
import java.security.cert.CertificateEncodingException;
import java.security.cert.X509Certificate;
import java.util.Base64;

/** What the node holds for one identity, with the names that istioctl reads. Never a key. */
final class DumpedCertificate {
  private static final Base64.Encoder PEM_BODY =
      Base64.getMimeEncoder(64, "\n".getBytes(StandardCharsets.US_ASCII));

  private DumpedCertificate() {}

  static void write(JsonText json, CertificateStatus status) {
    json.text("identity", status.id().toString())
        .text("state", status.state())
        .objects("certChain", status.chain(), DumpedCertificate::x509)
        .objects("rootCerts", status.roots(), DumpedCertificate::x509);
  }

  /** The PEM is base64 once more, as Istio's ztunnel has it. */
  private static void x509(JsonText json, X509Certificate certificate) {
    json.text("pem", Base64.getEncoder().encodeToString(pem(certificate)))
        .text("serialNumber", certificate.getSerialNumber().toString())
        .text("validFrom", certificate.getNotBefore().toInstant().toString())
        .text("expirationTime", certificate.getNotAfter().toInstant().toString());
  }

  private static byte[] pem(X509Certificate certificate) {
    try {
      String body = PEM_BODY.encodeToString(certificate.getEncoded());
      return "-----BEGIN CERTIFICATE-----\n%s\n-----END CERTIFICATE-----\n"
          .formatted(body)
          .getBytes(StandardCharsets.US_ASCII);
    } catch (CertificateEncodingException e) {
      throw new IllegalStateException("a certificate that was parsed cannot be written", e);
    }
  }
}
