// SPDX-License-Identifier: Apache-2.0
package dev.culvert.ztunnel.hbone;

import dev.culvert.ztunnel.identity.RevokedException;
import dev.culvert.ztunnel.telemetry.ResponseFlag;
import java.nio.channels.ClosedChannelException;

/** Words for a failed handshake. */
final class TlsFailure {
  private TlsFailure() {}

  /** The flag of what it kept from happening. */
  static ResponseFlag flag(Throwable failure) {
    return RevokedException.isCauseOf(failure)
        ? ResponseFlag.CERT_REVOKED
        : ResponseFlag.TLS_FAILURE;
  }

  /** The innermost cause: BoringSSL's own message is only that there was a problem. */
  static String describe(Throwable failure) {
    if (failure instanceof ClosedChannelException) {
      return "the peer closed the connection during the handshake";
    }
    Throwable innermost = failure;
    String said = failure.getMessage();
    while (innermost.getCause() != null) {
      innermost = innermost.getCause();
      said = innermost.getMessage() == null ? said : innermost.getMessage();
    }
    return said == null ? innermost.toString() : said;
  }
}
