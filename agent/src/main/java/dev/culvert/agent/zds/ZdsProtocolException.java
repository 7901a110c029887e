// SPDX-License-Identifier: Apache-2.0
package dev.culvert.agent.zds;

import java.io.IOException;

/** The peer does not speak ZDS as agreed; its connection is of no use any more. */
final class ZdsProtocolException extends IOException {
  private static final long serialVersionUID = 1L;

  ZdsProtocolException(String problem) {
    super(problem);
  }
}
