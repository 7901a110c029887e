// SPDX-License-Identifier: Apache-2.0
package dev.culvert.ztunnel.identity;

/** No certificate for an identity now. The message names the identity, the CA and the cause. */
public final class CertificateUnavailableException extends Exception {
  private static final long serialVersionUID = 1L;

  CertificateUnavailableException(String message, Throwable cause) {
    super(message, cause);
  }
}
