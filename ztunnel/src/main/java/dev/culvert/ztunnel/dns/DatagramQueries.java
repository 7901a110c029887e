// SPDX-License-Identifier: Apache-2.0
package dev.culvert.ztunnel.dns;

import dev.culvert.ztunnel.transport.PlainAddress;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.SimpleChannelInboundHandler;
import io.netty.channel.socket.DatagramPacket;
import java.net.InetSocketAddress;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The queries of one pod on one UDP socket. */
final class DatagramQueries extends SimpleChannelInboundHandler<DatagramPacket> {
  private static final Logger LOG = LoggerFactory.getLogger(DatagramQueries.class);
  private static final int DNS_PORT = 53;

  private final PodResolver resolver;

  DatagramQueries(PodResolver resolver) {
    this.resolver = resolver;
  }

  @Override
  protected void channelRead0(ChannelHandlerContext ctx, DatagramPacket packet) {
    byte[] bytes = ByteBufUtil.getBytes(packet.content());
    InetSocketAddress client = packet.sender();
    Optional<DnsQuery> query = DnsQuery.read(bytes);
    if (query.isEmpty()) {
      DnsAnswer.formatError(bytes).ifPresent(error -> send(ctx, client, error));
      return;
    }
    DnsQuery asked = query.get();
    resolver.resolve(
        asked, resolverAsked(client), asked.datagramLimit(), answer -> send(ctx, client, answer));
  }

  /** The kernel gives its address as the sender's; without the redirect that is the client's. */
  private static Optional<InetSocketAddress> resolverAsked(InetSocketAddress sender) {
    InetSocketAddress plain = PlainAddress.of(sender);
    return plain.getAddress().isLoopbackAddress()
        ? Optional.empty()
        : Optional.of(new InetSocketAddress(plain.getAddress(), DNS_PORT));
  }

  private static void send(ChannelHandlerContext ctx, InetSocketAddress to, byte[] answer) {
    if (ctx.channel().isWritable()) {
      var packet = new DatagramPacket(Unpooled.wrappedBuffer(answer), to);
      var _ = ctx.writeAndFlush(packet, ctx.voidPromise());
    }
  }

  /** A client that is gone is told by an ICMP error: nothing to do about it. */
  @Override
  public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
    LOG.debug("{}: {}", ctx.channel(), cause.toString());
  }
}
