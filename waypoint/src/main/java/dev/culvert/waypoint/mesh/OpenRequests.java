// SPDX-License-Identifier: Apache-2.0
package dev.culvert.waypoint.mesh;

import dev.culvert.waypoint.accept.HttpConnections;
import io.netty.channel.Channel;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/**
 * The connections whose requests are looked at: drained when what they were opened to has another
 * waypoint, which knows its routes and policies. Any thread.
 */
final class OpenRequests {
  private final HttpConnections connections;
  private final Bound bound;
  private final Map<Channel, Asked> open = new ConcurrentHashMap<>();

  OpenRequests(HttpConnections connections, Bound bound) {
    this.connections = connections;
    this.bound = bound;
  }

  void add(Channel channel, Asked asked) {
    open.put(channel, asked);
    channel.closeFuture().addListener(_ -> open.remove(channel));
  }

  /** Ends those that are not for this waypoint any more, with what is under way on them. */
  void drainUnbound() {
    open.forEach(
        (channel, asked) -> {
          if (!bound.isBound(asked) && open.remove(channel) != null) {
            connections.drain(channel);
          }
        });
  }
}
