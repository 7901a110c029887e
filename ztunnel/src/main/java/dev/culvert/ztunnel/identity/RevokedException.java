// SPDX-License-Identifier: Apache-2.0
package dev.culvert.ztunnel.identity;

import java.security.cert.CertificateException;
import java.security.cert.X509Certificate;

/** A certificate that its issuer took back. */
public final class RevokedException extends CertificateException {
  private static final long serialVersionUID = 1L;

  RevokedException(X509Certificate revoked) {
    super(
        "certificate %s of %s was revoked by its issuer"
            .formatted(revoked.getSerialNumber().toString(16), revoked.getIssuerX500Principal()));
  }

  /** Whether a handshake failed because of one. */
  public static boolean isCauseOf(Throwable failure) {
    for (Throwable at = failure; at != null; at = at.getCause()) {
      if (at instanceof RevokedException) {
        return true;
      }
    }
    return false;
  }
}
