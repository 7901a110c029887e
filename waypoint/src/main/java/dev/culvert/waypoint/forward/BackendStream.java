// SPDX-License-Identifier: Apache-2.0
package dev.culvert.waypoint.forward;

import dev.culvert.waypoint.http.HttpStream;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.HttpResponse;
import java.net.InetSocketAddress;
import org.jspecify.annotations.Nullable;

/** The backend's end of an exchange. */
interface BackendStream extends HttpStream {

  /** What comes from the backend. */
  interface Events extends HttpStream.Events {
    /** Interim heads as often as they come, then the final one. */
    void response(HttpResponse head);
  }

  /**
   * Sends the head of the request, from which hop-by-hop fields were taken. Called once, first.
   *
   * @param ended whether no body follows; the message is whole then
   */
  void send(HttpRequest head, boolean ended, Events events);

  /** Whether the connection served requests before: its end may have been under way. */
  boolean isReused();

  /** This end of the connection; null where it has no address. */
  @Nullable InetSocketAddress local();
}
