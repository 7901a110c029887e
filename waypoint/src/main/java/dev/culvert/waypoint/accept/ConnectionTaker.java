// SPDX-License-Identifier: Apache-2.0
package dev.culvert.waypoint.accept;

import io.netty.channel.socket.SocketChannel;

/** Takes connections whose bytes nobody looks into. On the connection's event loop. */
@FunctionalInterface
public interface ConnectionTaker {
  /**
   * Takes one, to whose handlers it adds its own at the end. What was read of it is passed on to
   * them.
   */
  void take(SocketChannel channel, ClientConnection connection);
}
