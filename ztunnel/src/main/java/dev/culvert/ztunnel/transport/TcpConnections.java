// SPDX-License-Identifier: Apache-2.0
package dev.culvert.ztunnel.transport;

import io.netty.bootstrap.Bootstrap;
import io.netty.channel.AdaptiveRecvByteBufAllocator;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoop;
import io.netty.channel.RecvByteBufAllocator;
import io.netty.channel.WriteBufferWaterMark;
import io.netty.channel.socket.SocketChannel;
import io.netty.resolver.NoopAddressResolverGroup;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.Map;

/** The options of the proxy's TCP connections, and how one is opened. */
public final class TcpConnections {
  /**
   * A read is as large as the stream proves to need, up to as much as Istio's ztunnel reads. With
   * 512 KiB, io_uring took 70 % more CPU for bulk: such buffers are not reused.
   */
  private static final int MAX_READ = 256 * 1024;

  private static final int FIRST_READ = 4 * 1024;

  /** What may wait in user space for a slow reader, before its sender is not read any more. */
  private static final WriteBufferWaterMark WAITING =
      new WriteBufferWaterMark(256 * 1024, 1024 * 1024);

  private static final RecvByteBufAllocator READS =
      new AdaptiveRecvByteBufAllocator(1024, FIRST_READ, MAX_READ);

  private TcpConnections() {}

  /** The options of every connection; nothing is read until the other end is ready for it. */
  public static Map<ChannelOption<?>, Object> options() {
    return Map.of(
        ChannelOption.AUTO_READ, false,
        ChannelOption.ALLOW_HALF_CLOSURE, true,
        ChannelOption.TCP_NODELAY, true,
        ChannelOption.SO_KEEPALIVE, true,
        ChannelOption.WRITE_BUFFER_WATER_MARK, WAITING,
        ChannelOption.RECVBUF_ALLOCATOR, READS);
  }

  /** The options of a connection that carries a tunnel: read always, its windows are the bound. */
  public static Map<ChannelOption<?>, Object> tunnelOptions() {
    return Map.of(
        ChannelOption.TCP_NODELAY,
        true,
        ChannelOption.SO_KEEPALIVE,
        true,
        ChannelOption.WRITE_BUFFER_WATER_MARK,
        WAITING,
        ChannelOption.RECVBUF_ALLOCATOR,
        READS);
  }

  /** As {@link #connect}, for a connection that will carry a tunnel. */
  public static ChannelFuture connectTunnel(
      EventLoop loop,
      SocketChannel channel,
      InetSocketAddress to,
      Duration timeout,
      ChannelHandler handler) {
    return connect(loop, channel, to, timeout, handler, tunnelOptions());
  }

  /**
   * Connects a socket that was made in its namespace.
   *
   * @return done, on the event loop, when connected or not
   */
  public static ChannelFuture connect(
      EventLoop loop,
      SocketChannel channel,
      InetSocketAddress to,
      Duration timeout,
      ChannelHandler handler) {
    return connect(loop, channel, to, timeout, handler, options());
  }

  private static ChannelFuture connect(
      EventLoop loop,
      SocketChannel channel,
      InetSocketAddress to,
      Duration timeout,
      ChannelHandler handler,
      Map<ChannelOption<?>, Object> options) {
    Bootstrap bootstrap =
        new Bootstrap()
            .group(loop)
            .channelFactory(() -> channel)
            .resolver(NoopAddressResolverGroup.INSTANCE)
            .option(ChannelOption.CONNECT_TIMEOUT_MILLIS, Math.toIntExact(timeout.toMillis()))
            .handler(handler);
    options.forEach((option, value) -> set(bootstrap, option, value));
    return bootstrap.connect(to);
  }

  @SuppressWarnings("unchecked")
  private static <T> void set(Bootstrap bootstrap, ChannelOption<T> option, Object value) {
    bootstrap.option(option, (T) value);
  }
}
