// SPDX-License-Identifier: Apache-2.0
package dev.culvert.ztunnel.zds;

import java.io.IOException;

/** The agent sent what ZDS does not allow; the connection cannot go on. */
final class ZdsProtocolException extends IOException {
  private static final long serialVersionUID = 1L;

  ZdsProtocolException(String message) {
    super(message);
  }
}
