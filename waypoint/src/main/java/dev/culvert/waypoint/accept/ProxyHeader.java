// SPDX-License-Identifier: Apache-2.0
package dev.culvert.waypoint.accept;

import dev.culvert.ztunnel.transport.PlainAddress;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.SimpleChannelInboundHandler;
import io.netty.channel.socket.SocketChannel;
import io.netty.handler.codec.DecoderException;
import io.netty.handler.codec.haproxy.HAProxyMessage;
import io.netty.handler.codec.haproxy.HAProxyMessageDecoder;
import io.netty.handler.codec.haproxy.HAProxyProtocolException;
import io.netty.util.NetUtil;
import io.netty.util.concurrent.Future;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Takes the header of the PROXY protocol, of either version, from the beginning of a connection.
 * One that begins in another way is closed: who knows that a header comes must not guess.
 */
final class ProxyHeader extends SimpleChannelInboundHandler<HAProxyMessage> {
  /** What else a load balancer tells is passed over; AWS and HAProxy tell some hundred bytes. */
  private static final int MOST_EXTRA_BYTES = 4096;

  private final ClientConnection connection;
  private final Entrance.Refusals refusals;
  private final Consumer<ClientConnection> then;
  private @Nullable Future<?> timer;
  private boolean over;

  private ProxyHeader(
      ClientConnection connection, Entrance.Refusals refusals, Consumer<ClientConnection> then) {
    this.connection = connection;
    this.refusals = refusals;
    this.then = then;
  }

  /** Tells when it is there; what follows it goes to the handlers that are added then. */
  static void await(
      SocketChannel channel,
      ClientConnection connection,
      Duration patience,
      Entrance.Refusals refusals,
      Consumer<ClientConnection> then) {
    ProxyHeader header = new ProxyHeader(connection, refusals, then);
    channel
        .pipeline()
        .addLast(new HAProxyMessageDecoder(MOST_EXTRA_BYTES))
        .addLast("proxy", header);
    ChannelHandlerContext ctx = channel.pipeline().context(header);
    Runnable tooLate = () -> header.refuse(ctx, "no PROXY header in " + patience);
    header.timer = channel.eventLoop().schedule(tooLate, patience.toNanos(), TimeUnit.NANOSECONDS);
    channel.config().setAutoRead(true);
  }

  @Override
  protected void channelRead0(ChannelHandlerContext ctx, HAProxyMessage message) {
    if (over) {
      return;
    }
    ClientConnection told = told(message);
    end();
    then.accept(told);
    ctx.pipeline().remove(this);
  }

  /** The balancer's own connections, such as its health checks, tell of nobody. */
  private ClientConnection told(HAProxyMessage message) {
    return switch (message.proxiedProtocol()) {
      case UNKNOWN -> connection;
      case TCP4, TCP6 ->
          connection.told(
              address(message.sourceAddress(), message.sourcePort()),
              address(message.destinationAddress(), message.destinationPort()));
      case UDP4, UDP6, UNIX_STREAM, UNIX_DGRAM ->
          throw new HAProxyProtocolException(
              "it tells of %s, which is not TCP".formatted(message.proxiedProtocol()));
    };
  }

  private static InetSocketAddress address(String text, int port) {
    InetAddress address = NetUtil.createInetAddressFromIpAddressString(text);
    if (address == null) {
      throw new HAProxyProtocolException("'%s' is no address".formatted(text));
    }
    return PlainAddress.of(new InetSocketAddress(address, port));
  }

  private void refuse(ChannelHandlerContext ctx, String problem) {
    if (!over) {
      end();
      refusals.refused(connection, problem);
      var _ = ctx.close();
    }
  }

  private void end() {
    over = true;
    if (timer != null) {
      timer.cancel(false);
    }
  }

  @Override
  public void channelInactive(ChannelHandlerContext ctx) {
    end();
    ctx.fireChannelInactive();
  }

  /** A balancer that breaks off before it said anything is no news. */
  @Override
  public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
    if (cause instanceof DecoderException) {
      refuse(ctx, "no PROXY header: " + innermost(cause).getMessage());
    } else {
      end();
      var _ = ctx.close();
    }
  }

  /** The decoder wraps what is wrong. */
  private static Throwable innermost(Throwable cause) {
    Throwable own = cause;
    while (own.getCause() != null) {
      own = own.getCause();
    }
    return own;
  }
}
