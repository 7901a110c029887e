// SPDX-License-Identifier: Apache-2.0
package dev.culvert.waypoint.exchange;

import dev.culvert.waypoint.accept.ClientConnection;

/** Hears of every request once, and of connections that come to none; on its event loop. */
public interface Observer {
  /** An exchange is over. */
  void finished(Exchange exchange);

  /** A request that could not be read was answered with {@code status}. */
  void rejected(ClientConnection connection, int status, String problem);

  /** A connection was closed before anything of it was read. */
  void refused(ClientConnection connection, String problem);
}
