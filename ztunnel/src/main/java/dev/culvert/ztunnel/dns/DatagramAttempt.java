// SPDX-License-Identifier: Apache-2.0
package dev.culvert.ztunnel.dns;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.SimpleChannelInboundHandler;
import io.netty.channel.socket.DatagramPacket;
import io.netty.util.concurrent.Future;
import java.net.InetSocketAddress;
import java.security.SecureRandom;
import java.util.Optional;
import java.util.concurrent.TimeUnit;

/**
 * A resolver asked over UDP. Each has a socket of its own, so id and port are random, and the
 * kernel hands on nothing but what comes from the resolver (RFC 5452 9.1, 9.2).
 */
final class DatagramAttempt extends SimpleChannelInboundHandler<DatagramPacket> implements Attempt {
  private static final SecureRandom RANDOM = new SecureRandom();

  private final Forwarder forwarder;
  private final DnsQuery query;
  private final InetSocketAddress resolver;
  private final Outcome outcome;
  private final int id = RANDOM.nextInt(0x10000);
  private final long began = System.nanoTime();
  private ChannelFuture socket;
  private Future<?> patience;
  private boolean ended;

  DatagramAttempt(
      Forwarder forwarder, DnsQuery query, InetSocketAddress resolver, Outcome outcome) {
    this.forwarder = forwarder;
    this.query = query;
    this.resolver = resolver;
    this.outcome = outcome;
  }

  @Override
  public void begin() {
    forwarder.sent();
    patience =
        forwarder.loop().schedule(this::fail, forwarder.timeoutNanos(), TimeUnit.NANOSECONDS);
    socket = forwarder.upstream().datagrams(forwarder.loop(), resolver, this);
    var _ = socket.addListener((ChannelFuture open) -> send(open));
  }

  private void send(ChannelFuture open) {
    if (!open.isSuccess()) {
      later();
      return;
    }
    Channel channel = open.channel();
    var _ =
        channel
            .writeAndFlush(Unpooled.wrappedBuffer(query.upstream(id)))
            .addListener(
                sent -> {
                  if (!sent.isSuccess()) {
                    later();
                  }
                });
  }

  /** Not at once: without any socket each resolver would be asked within the one before. */
  private void later() {
    forwarder.loop().execute(this::fail);
  }

  @Override
  protected void channelRead0(ChannelHandlerContext ctx, DatagramPacket packet) {
    ByteBuf content = packet.content();
    Optional<ResolverAnswer> answer = ResolverAnswer.read(ByteBufUtil.getBytes(content), query, id);
    // A wrong one may be a forger's: the right one still counts.
    if (answer.isPresent() && end()) {
      forwarder.answeredAfter(System.nanoTime() - began);
      outcome.answered(answer.get());
    }
  }

  /** An ICMP error tells at once that nobody listens there. */
  @Override
  public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
    fail();
  }

  private void fail() {
    if (end()) {
      forwarder.unanswered();
      outcome.failed();
    }
  }

  @Override
  public void cancel() {
    var _ = end();
  }

  /** One that did not open is no channel that could be closed. */
  private static void close(ChannelFuture open) {
    if (open.isSuccess()) {
      var _ = open.channel().close();
    }
  }

  private boolean end() {
    if (ended) {
      return false;
    }
    ended = true;
    patience.cancel(false);
    if (socket != null) {
      var _ = socket.addListener((ChannelFuture open) -> close(open));
    }
    return true;
  }
}
