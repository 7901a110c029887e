// SPDX-License-Identifier: Apache-2.0
package dev.culvert.waypoint.accept;

import dev.culvert.ztunnel.transport.Transport;
import io.netty.bootstrap.ServerBootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.socket.SocketChannel;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/** A port that takes clients' connections, until it is drained. */
public final class HttpListener {
  private static final int BACKLOG = 4096;

  private final Entrance entrance;
  private final ExchangeStarter exchanges;
  private final HttpConnections connections;
  private final @Nullable ServerNames tls;
  private Channel port;

  private HttpListener(
      AcceptSettings settings,
      Entrance entrance,
      ExchangeStarter exchanges,
      @Nullable ServerNames tls) {
    this.entrance = entrance;
    this.connections = new HttpConnections(settings);
    this.exchanges = exchanges;
    this.tls = tls;
  }

  /**
   * Listens.
   *
   * @param tls who ends TLS; null for a port without TLS
   * @throws IOException when the address is taken or not of this machine
   */
  public static HttpListener open(
      Transport transport,
      EventLoopGroup workers,
      InetSocketAddress address,
      AcceptSettings settings,
      Entrance entrance,
      ExchangeStarter exchanges,
      @Nullable ServerNames tls)
      throws IOException {
    HttpListener listener = new HttpListener(settings, entrance, exchanges, tls);
    // Netty sets TCP_NODELAY by itself.
    var bound =
        new ServerBootstrap()
            .group(workers)
            .channelFactory(transport::plainListener)
            .option(ChannelOption.SO_BACKLOG, BACKLOG)
            .option(ChannelOption.SO_REUSEADDR, true)
            .childOption(ChannelOption.SO_KEEPALIVE, true)
            .childOption(ChannelOption.WRITE_BUFFER_WATER_MARK, HttpConnections.WAITING)
            .childHandler(listener.initializer())
            .bind(address)
            .awaitUninterruptibly();
    if (!bound.isSuccess()) {
      throw new IOException(
          "cannot listen on %s: %s".formatted(address, bound.cause().getMessage()), bound.cause());
    }
    listener.port = bound.channel();
    return listener;
  }

  private ChannelInitializer<SocketChannel> initializer() {
    return new ChannelInitializer<>() {
      @Override
      protected void initChannel(SocketChannel channel) {
        entrance.accept(channel, tls != null, client -> accepted(channel, client));
      }
    };
  }

  private void accepted(SocketChannel channel, ClientConnection client) {
    if (tls == null) {
      connections.accept(channel, client, exchanges);
    } else {
      connections.acceptTls(channel, client, exchanges, tls);
    }
  }

  /** Where it listens. */
  public InetSocketAddress address() {
    return (InetSocketAddress) port.localAddress();
  }

  /** Connections that are open now. */
  public int connections() {
    return connections.size();
  }

  /** Takes no more connections and lets each end with what is under way on it. */
  public void drain() {
    port.close().awaitUninterruptibly();
    connections.drain();
  }

  /** Drains, and closes what is still open after a time. */
  public void close(Duration grace) {
    drain();
    connections.close(grace);
  }
}
