// SPDX-License-Identifier: Apache-2.0
package dev.culvert.waypoint.mesh;

import dev.culvert.ztunnel.hbone.ServerTunnels;
import dev.culvert.ztunnel.transport.Listeners;
import io.netty.channel.Channel;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.group.ChannelGroup;
import io.netty.channel.group.DefaultChannelGroup;
import io.netty.channel.socket.SocketChannel;
import io.netty.util.concurrent.GlobalEventExecutor;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.concurrent.CompletionException;

/** The port of a waypoint, until it is drained. */
final class HboneListener {
  private static final Duration FORCED = Duration.ofSeconds(1);

  private final WaypointInputs inputs;
  private final WaypointEntrance entrance;
  private final ChannelGroup tunnels = new DefaultChannelGroup(GlobalEventExecutor.INSTANCE);
  private final Channel port;

  /**
   * Listens.
   *
   * @throws IOException when the address is taken or not of this machine
   */
  HboneListener(WaypointInputs inputs, EventLoopGroup workers, InetSocketAddress address)
      throws IOException {
    this.inputs = inputs;
    this.entrance = new WaypointEntrance(inputs);
    try {
      this.port =
          new Listeners(inputs.sockets(), workers)
              .listenForTunnels(address.getAddress(), address.getPort(), this::accepted)
              .join();
    } catch (CompletionException e) {
      throw new IOException(
          "cannot listen on %s: %s".formatted(address, e.getCause().getMessage()), e);
    }
  }

  private void accepted(SocketChannel channel) {
    if (!inputs.share().beginTunnel()) {
      var _ = channel.close();
      return;
    }
    channel.closeFuture().addListener(closed -> inputs.share().endTunnel());
    tunnels.add(channel);
    entrance.accept(channel);
  }

  /** Where it listens. */
  InetSocketAddress address() {
    return (InetSocketAddress) port.localAddress();
  }

  /**
   * Takes nothing new, and lets what is under way end.
   *
   * @param grace after which what is still open is closed
   */
  void close(Duration grace) {
    port.close().awaitUninterruptibly();
    tunnels.forEach(ServerTunnels::drain);
    inputs.connections().drain();
    if (!tunnels.newCloseFuture().awaitUninterruptibly(grace.toMillis())) {
      tunnels.forEach(one -> ServerTunnels.breakOff(one, "the waypoint ends"));
      tunnels.newCloseFuture().awaitUninterruptibly(FORCED.toMillis());
    }
  }
}
