// SPDX-License-Identifier: Apache-2.0
package dev.culvert.waypoint.accept;

import dev.culvert.ztunnel.transport.Transport;
import io.netty.bootstrap.ServerBootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.WriteBufferWaterMark;
import io.netty.channel.group.ChannelGroup;
import io.netty.channel.group.DefaultChannelGroup;
import io.netty.channel.socket.SocketChannel;
import io.netty.handler.ssl.SniHandler;
import io.netty.util.concurrent.GlobalEventExecutor;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/** A port that takes clients' connections, until it is drained. */
public final class HttpListener {
  private static final int BACKLOG = 4096;
  private static final long FORCED_MILLIS = 1000;
  private static final WriteBufferWaterMark WAITING =
      new WriteBufferWaterMark(64 * 1024, 256 * 1024);

  private final AcceptSettings settings;
  private final ExchangeStarter exchanges;
  private final ChannelGroup connections = new DefaultChannelGroup(GlobalEventExecutor.INSTANCE);
  private Channel port;
  private final @Nullable ServerNames tls;
  private volatile boolean draining;

  private HttpListener(
      AcceptSettings settings, ExchangeStarter exchanges, @Nullable ServerNames tls) {
    this.tls = tls;
    this.settings = settings;
    this.exchanges = exchanges;
  }

  /**
   * Listens.
   *
   * @param tls the certificates; null for a port without TLS
   * @throws IOException when the address is taken or not of this machine
   */
  public static HttpListener open(
      Transport transport,
      EventLoopGroup workers,
      InetSocketAddress address,
      AcceptSettings settings,
      ExchangeStarter exchanges,
      @Nullable ServerNames tls)
      throws IOException {
    HttpListener listener = new HttpListener(settings, exchanges, tls);
    var bound =
        new ServerBootstrap()
            .group(workers)
            .channelFactory(transport::plainListener)
            .option(ChannelOption.SO_BACKLOG, BACKLOG)
            .option(ChannelOption.SO_REUSEADDR, true)
            .childOption(ChannelOption.TCP_NODELAY, true)
            .childOption(ChannelOption.SO_KEEPALIVE, true)
            .childOption(ChannelOption.WRITE_BUFFER_WATER_MARK, WAITING)
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
        accepted(channel);
      }
    };
  }

  private void accepted(SocketChannel channel) {
    connections.add(channel);
    if (draining) {
      var _ = channel.close();
      return;
    }
    AcceptedConnection connection =
        new AcceptedConnection(
            settings, exchanges, () -> draining, AcceptedConnection.of(channel, tls != null));
    if (tls == null) {
      channel.pipeline().addLast("detection", new ProtocolDetection(connection));
    } else {
      channel
          .pipeline()
          .addLast("tls", new SniHandler(tls))
          .addLast("handshake", new TlsHandshake(connection));
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
    draining = true;
    port.close().awaitUninterruptibly();
    connections.forEach(connection -> connection.pipeline().fireUserEventTriggered(Drain.BEGIN));
  }

  /** Drains, and closes what is still open after a time. */
  public void close(Duration grace) {
    drain();
    if (!connections.newCloseFuture().awaitUninterruptibly(grace.toMillis())) {
      // Past handlers that would wait for what is under way.
      connections.forEach(
          one -> one.eventLoop().execute(() -> one.unsafe().close(one.unsafe().voidPromise())));
      connections.newCloseFuture().awaitUninterruptibly(FORCED_MILLIS);
    }
  }
}
