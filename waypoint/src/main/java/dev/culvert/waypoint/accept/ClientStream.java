// SPDX-License-Identifier: Apache-2.0
package dev.culvert.waypoint.accept;

import dev.culvert.waypoint.http.HttpStream;
import io.netty.handler.codec.http.HttpResponse;

/** The client's end of an exchange. */
public interface ClientStream extends HttpStream {
  /** The connection it is on. */
  ClientConnection connection();

  /**
   * Sends the head of a response: interim ones (1xx) as often as they come, then the final one. The
   * framing is the stream's business: a head has {@code content-length} or nothing. After 101 both
   * ways carry the bytes of another protocol.
   */
  void respond(HttpResponse head);
}
