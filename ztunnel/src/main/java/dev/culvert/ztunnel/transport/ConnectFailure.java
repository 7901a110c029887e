// SPDX-License-Identifier: Apache-2.0
package dev.culvert.ztunnel.transport;

import java.net.NoRouteToHostException;

/** Why a connection could not be opened, for the operator. */
public final class ConnectFailure {
  private ConnectFailure() {}

  /** What the cause says; Netty's native transports say nothing of a missing route. */
  public static String describe(Throwable cause) {
    String said = String.valueOf(cause.getMessage());
    return cause instanceof NoRouteToHostException
        ? said.replaceFirst("^null", "no route to host")
        : said;
  }
}
