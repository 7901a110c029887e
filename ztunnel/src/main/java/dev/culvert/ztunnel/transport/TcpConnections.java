// SPDX-License-Identifier: Apache-2.0
package dev.culvert.ztunnel.transport;

import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelOption;
import io.netty.channel.ChannelPromise;
import io.netty.channel.EventLoop;
import io.netty.channel.WriteBufferWaterMark;
import io.netty.channel.socket.SocketChannel;
import io.netty.util.concurrent.Future;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.Map;

/** The options of the proxy's TCP connections, and how one is opened. */
public final class TcpConnections {
  /** What may wait in user space for a slow reader, before its sender is not read any more. */
  private static final WriteBufferWaterMark WAITING =
      new WriteBufferWaterMark(256 * 1024, 1024 * 1024);

  private static final Map<ChannelOption<?>, Object> ACCEPTED =
      Map.of(
          ChannelOption.AUTO_READ,
          false,
          ChannelOption.ALLOW_HALF_CLOSURE,
          true,
          ChannelOption.WRITE_BUFFER_WATER_MARK,
          WAITING);

  private static final Map<ChannelOption<?>, Object> ACCEPTED_TUNNEL =
      Map.of(
          ChannelOption.AUTO_READ,
          false,
          ChannelOption.SO_KEEPALIVE,
          true,
          ChannelOption.WRITE_BUFFER_WATER_MARK,
          WAITING);

  private TcpConnections() {}

  /**
   * The options of a connection that a pod's app opened or another app sent it; nothing is read
   * until the other end is ready for it. Netty sets TCP_NODELAY by itself.
   */
  static Map<ChannelOption<?>, Object> accepted() {
    return ACCEPTED;
  }

  /** The options of an accepted connection that will carry a tunnel. */
  static Map<ChannelOption<?>, Object> acceptedTunnel() {
    return ACCEPTED_TUNNEL;
  }

  /**
   * Connects a socket that will carry a tunnel: it is always read, its windows are the bound.
   *
   * @return done, on the event loop, when connected or not
   */
  public static ChannelFuture connectTunnel(
      EventLoop loop,
      SocketChannel channel,
      InetSocketAddress to,
      Duration timeout,
      ChannelHandler handler) {
    channel.config().setKeepAlive(true);
    return open(loop, channel, to, timeout, handler);
  }

  /**
   * Connects a socket that was made in its namespace; nothing is read of it until asked.
   *
   * @return done, on the event loop, when connected or not
   */
  public static ChannelFuture connect(
      EventLoop loop,
      SocketChannel channel,
      InetSocketAddress to,
      Duration timeout,
      ChannelHandler handler) {
    channel.config().setAutoRead(false).setAllowHalfClosure(true);
    return open(loop, channel, to, timeout, handler);
  }

  /** Without a bootstrap, whose futures and tasks would cost more than the system calls. */
  private static ChannelFuture open(
      EventLoop loop,
      SocketChannel channel,
      InetSocketAddress to,
      Duration timeout,
      ChannelHandler handler) {
    channel
        .config()
        .setConnectTimeoutMillis(Math.toIntExact(timeout.toMillis()))
        .setWriteBufferWaterMark(WAITING);
    channel.pipeline().addLast(handler);
    ChannelFuture registered = loop.register(channel);
    if (registered.isSuccess()) {
      return channel.connect(to);
    }
    ChannelPromise connected = channel.newPromise();
    registered.addListener(done -> connectOnce(done, channel, to, connected));
    return connected;
  }

  private static void connectOnce(
      Future<?> registered, SocketChannel channel, InetSocketAddress to, ChannelPromise connected) {
    if (registered.isSuccess()) {
      var _ = channel.connect(to, connected);
    } else {
      channel.unsafe().closeForcibly();
      connected.setFailure(registered.cause());
    }
  }
}
