// SPDX-License-Identifier: Apache-2.0
package dev.culvert.waypoint.accept;

import dev.culvert.waypoint.http.HttpStream;
import io.netty.handler.codec.http.HttpRequest;

/** Takes the requests of a listener's connections. On a connection's event loop. */
public interface ExchangeStarter {
  /**
   * Begins an exchange; it may answer before this returns.
   *
   * @param head checked and in normal form
   * @return what is to hear of the rest of the request
   */
  HttpStream.Events begin(ClientStream client, HttpRequest head);

  /** Tells of a request that could not be read and was answered with {@code status}. */
  void rejected(ClientConnection connection, int status, String problem);
}
