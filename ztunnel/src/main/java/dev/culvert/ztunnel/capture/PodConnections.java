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

  private static ChannelGroup group() {
    return new DefaultChannelGroup(GlobalEventExecutor.INSTANCE);
  }

  void add(TcpHalf half) {
    connections.add(half.channel());
  }

  void addTunnel(Channel channel) {
    tunnels.add(channel);
  }

  /** How many connections and tunnels are open. */
  int size() {
    return connections.size() + tunnels.size();
  }

  /** Lets tunnels end with their last streams. */
  void drainTunnels() {
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

  /** Breaks them all so that both of their ends notice. */
  void reset() {
    connections.forEach(channel -> channel.eventLoop().execute(() -> reset(channel)));
    var _ = tunnels.close();
  }

  private static void reset(Channel channel) {
    TcpHalf half = channel.pipeline().get(TcpHalf.class);
    if (half != null) {
      half.breakOff("the pod left the mesh");
    }
  }
}
