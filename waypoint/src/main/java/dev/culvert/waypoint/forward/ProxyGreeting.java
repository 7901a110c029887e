// SPDX-License-Identifier: Apache-2.0
package dev.culvert.waypoint.forward;

import static java.nio.charset.StandardCharsets.US_ASCII;

import dev.culvert.policy.traffic.ProxyProtocol;
import dev.culvert.waypoint.plan.SentProxyHeader;
import dev.culvert.waypoint.plan.Target;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOutboundHandlerAdapter;
import io.netty.channel.ChannelPipeline;
import io.netty.channel.ChannelPromise;
import io.netty.channel.embedded.EmbeddedChannel;
import io.netty.handler.codec.haproxy.HAProxyCommand;
import io.netty.handler.codec.haproxy.HAProxyMessage;
import io.netty.handler.codec.haproxy.HAProxyMessageEncoder;
import io.netty.handler.codec.haproxy.HAProxyProtocolVersion;
import io.netty.handler.codec.haproxy.HAProxyProxiedProtocol;
import io.netty.util.NetUtil;
import java.net.Inet4Address;
import java.net.InetAddress;
import java.net.SocketAddress;

/**
 * The header of the PROXY protocol with which a connection to an endpoint begins, before TLS and
 * before all else is said; the first handler of its channel. On the connection's event loop.
 */
public final class ProxyGreeting extends ChannelOutboundHandlerAdapter {
  private static final String NOBODY = "PROXY UNKNOWN\r\n";

  private final SentProxyHeader header;

  private ProxyGreeting(SentProxyHeader header) {
    this.header = header;
  }

  /** Puts it before the handlers of a connection to an endpoint that wants one. */
  static void on(Channel channel, Target target) {
    target.proxyHeader().ifPresent(one -> channel.pipeline().addFirst(new ProxyGreeting(one)));
  }

  /** The same for a channel that is open when it gets its handlers. */
  public static ChannelHandler before(ChannelHandler handler, Target target) {
    if (target.proxyHeader().isEmpty()) {
      return handler;
    }
    return new ChannelInitializer<>() {
      @Override
      protected void initChannel(Channel channel) {
        on(channel, target);
        channel.pipeline().get(ProxyGreeting.class).send(channel.pipeline());
        channel.pipeline().addLast(handler);
      }
    };
  }

  /** What a connection to an endpoint begins with; nothing for one that wants none. */
  public static ByteBuf bytes(Target target) {
    if (target.proxyHeader().isEmpty()) {
      return Unpooled.EMPTY_BUFFER;
    }
    EmbeddedChannel encoder = new EmbeddedChannel(HAProxyMessageEncoder.INSTANCE);
    try {
      encoder.writeOutbound(new ProxyGreeting(target.proxyHeader().get()).message());
      ByteBuf bytes = encoder.readOutbound();
      return bytes;
    } finally {
      encoder.finishAndReleaseAll();
    }
  }

  /** All who wait for the connection speak as soon as they hear that it is there. */
  @Override
  public void connect(
      ChannelHandlerContext ctx, SocketAddress remote, SocketAddress local, ChannelPromise told) {
    ChannelPromise connected = ctx.newPromise();
    connected.addListener(
        done -> {
          if (done.isSuccess()) {
            send(ctx.pipeline());
            told.trySuccess();
          } else {
            told.tryFailure(done.cause());
          }
        });
    var _ = ctx.connect(remote, local, connected);
  }

  /** Flushed, as the endpoint may be the one that speaks next. */
  private void send(ChannelPipeline pipeline) {
    pipeline.addFirst(HAProxyMessageEncoder.INSTANCE);
    var _ = pipeline.context(this).writeAndFlush(message());
    pipeline.remove(HAProxyMessageEncoder.INSTANCE);
    pipeline.remove(this);
  }

  private Object message() {
    if (header.of().isEmpty()) {
      return header.version() == ProxyProtocol.V1
          ? Unpooled.copiedBuffer(NOBODY, US_ASCII)
          : new HAProxyMessage(
              HAProxyProtocolVersion.V2,
              HAProxyCommand.LOCAL,
              HAProxyProxiedProtocol.UNKNOWN,
              null,
              null,
              0,
              0);
    }
    return message(header.of().get());
  }

  private HAProxyMessage message(SentProxyHeader.Client of) {
    InetAddress client = of.address().getAddress();
    boolean ipv4 = client instanceof Inet4Address;
    InetAddress asked = of.asked().getAddress();
    return new HAProxyMessage(
        header.version() == ProxyProtocol.V1
            ? HAProxyProtocolVersion.V1
            : HAProxyProtocolVersion.V2,
        HAProxyCommand.PROXY,
        ipv4 ? HAProxyProxiedProtocol.TCP4 : HAProxyProxiedProtocol.TCP6,
        NetUtil.toAddressString(client),
        asked instanceof Inet4Address == ipv4 ? NetUtil.toAddressString(asked) : any(ipv4),
        of.address().getPort(),
        of.asked().getPort());
  }

  /** A header has one family, so that an address of the other one cannot be told. */
  private static String any(boolean ipv4) {
    return ipv4 ? "0.0.0.0" : "::";
  }
}
