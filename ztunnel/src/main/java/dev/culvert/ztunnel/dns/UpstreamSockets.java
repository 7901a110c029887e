// SPDX-License-Identifier: Apache-2.0
package dev.culvert.ztunnel.dns;

import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelHandler;
import io.netty.channel.EventLoop;

/** Opens sockets for a pod's queries that the mesh does not answer. */
@FunctionalInterface
public interface UpstreamSockets {
  /**
   * A UDP socket inside the pod's network namespace, bound to any port, marked so that its own
   * queries are not captured again. The caller closes it.
   *
   * @param loop the loop it shall run on, which is the caller's
   * @param handler receives {@link io.netty.channel.socket.DatagramPacket}s
   */
  ChannelFuture open(EventLoop loop, ChannelHandler handler);
}
