// SPDX-License-Identifier: Apache-2.0
package dev.culvert.waypoint.accept;

import dev.culvert.ztunnel.transport.Transport;
import io.netty.bootstrap.ServerBootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.group.ChannelGroup;
import io.netty.channel.group.DefaultChannelGroup;
import io.netty.channel.socket.SocketChannel;
import io.netty.util.concurrent.GlobalEventExecutor;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.time.Duration;

/** A port whose connections are carried as they are, whoever speaks first. */
public final class TcpPort {
  private static final int BACKLOG = 4096;

  private final Channel port;
  private final ChannelGroup open;

  private TcpPort(Channel port, ChannelGroup open) {
    this.port = port;
    this.open = open;
  }

  /**
   * Listens.
   *
   * @throws IOException when the address is taken or not of this machine
   */
  public static TcpPort open(
      Transport transport,
      EventLoopGroup workers,
      InetSocketAddress address,
      Entrance entrance,
      ConnectionTaker taker)
      throws IOException {
    ChannelGroup open = new DefaultChannelGroup(GlobalEventExecutor.INSTANCE);
    var bound =
        new ServerBootstrap()
            .group(workers)
            .channelFactory(transport::plainListener)
            .option(ChannelOption.SO_BACKLOG, BACKLOG)
            .option(ChannelOption.SO_REUSEADDR, true)
            .childOption(ChannelOption.SO_KEEPALIVE, true)
            .childOption(ChannelOption.AUTO_READ, false)
            .childHandler(
                new ChannelInitializer<SocketChannel>() {
                  @Override
                  protected void initChannel(SocketChannel channel) {
                    open.add(channel);
                    entrance.accept(channel, false, client -> taker.take(channel, client));
                  }
                })
            .bind(address)
            .awaitUninterruptibly();
    if (!bound.isSuccess()) {
      throw new IOException(
          "cannot listen on %s: %s".formatted(address, bound.cause().getMessage()), bound.cause());
    }
    return new TcpPort(bound.channel(), open);
  }

  /** Where it listens. */
  public InetSocketAddress address() {
    return (InetSocketAddress) port.localAddress();
  }

  /** Takes no more connections. */
  public void drain() {
    port.close().awaitUninterruptibly();
  }

  /** Drains, and closes what is still open after a time. */
  public void close(Duration grace) {
    drain();
    if (!open.newCloseFuture().awaitUninterruptibly(grace.toMillis())) {
      open.close().awaitUninterruptibly();
    }
  }
}
