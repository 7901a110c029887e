// SPDX-License-Identifier: Apache-2.0
package dev.culvert.ztunnel.capture;

import dev.culvert.ztunnel.hbone.ServerTunnels;
import dev.culvert.ztunnel.transport.TcpHalf;
import io.netty.channel.Channel;
import io.netty.channel.group.ChannelGroup;
import io.netty.channel.group.DefaultChannelGroup;
import io.netty.util.concurrent.GlobalEventExecutor;
import java.util.concurrent.CompletableFuture;

/** The open connections that a pod's listeners accepted. Any thread. */
final class PodConnections {
  private final ChannelGroup connections = group();
  private final ChannelGroup tunnels = group();
  private volatile boolean draining;

  private static ChannelGroup group() {
    return new DefaultChannelGroup(GlobalEventExecutor.INSTANCE);
  }

  void add(TcpHalf half) {
    connections.add(half.channel());
  }

  void addTunnel(Channel channel) {
    tunnels.add(channel);
    if (draining) {
      ServerTunnels.drain(channel);
    }
  }

  /** How many connections and tunnels are open. */
  int size() {
    return connections.size() + tunnels.size();
  }

  /** Lets tunnels end with their last streams, also those that are accepted later. */
  void drainTunnels() {
    draining = true;
    tunnels.forEach(ServerTunnels::drain);
  }

  /** Done when all that are open now are closed. */
  CompletableFuture<Void> closed() {
    CompletableFuture<Void> closed = new CompletableFuture<>();
    connections
        .newCloseFuture()
        .addListener(
            first -> tunnels.newCloseFuture().addListener(second -> closed.complete(null)));
    return closed;
  }

  /**
   * Breaks them all so that both of their ends notice.
   *
   * @param why for people
   */
  void reset(String why) {
    connections.forEach(channel -> channel.eventLoop().execute(() -> reset(channel, why)));
    tunnels.forEach(channel -> ServerTunnels.breakOff(channel, why));
  }

  /** What is no half of a connection is the resolver's. */
  private static void reset(Channel channel, String why) {
    TcpHalf half = channel.pipeline().get(TcpHalf.class);
    if (half != null) {
      half.breakOff(why);
    } else {
      var _ = channel.close();
    }
  }
}
