// SPDX-License-Identifier: Apache-2.0
package dev.culvert.ztunnel.dns;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.SimpleChannelInboundHandler;
import io.netty.channel.socket.ChannelInputShutdownEvent;
import io.netty.handler.timeout.IdleStateEvent;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.util.Optional;

/**
 * The queries of one TCP connection (RFC 7766), each without its length. Answers go back as they
 * come, in any order. On the connection's loop.
 */
final class StreamQueries extends SimpleChannelInboundHandler<ByteBuf> {
  /** So many may wait; no more is read meanwhile. */
  private static final int MOST_WAITING = 32;

  private final PodResolver resolver;
  private final PodLimits limits;
  private final InetSocketAddress asked;
  private int waiting;
  private boolean inputEnded;

  StreamQueries(PodResolver resolver, PodLimits limits, InetSocketAddress asked) {
    this.resolver = resolver;
    this.limits = limits;
    this.asked = asked;
  }

  @Override
  protected void channelRead0(ChannelHandlerContext ctx, ByteBuf message) {
    byte[] bytes = ByteBufUtil.getBytes(message);
    Optional<DnsQuery> query = DnsQuery.read(bytes);
    if (query.isEmpty()) {
      // Who sends what is no query will not send one next.
      inputEnded = true;
      ctx.channel().config().setAutoRead(false);
      DnsAnswer.formatError(bytes)
          .ifPresentOrElse(error -> send(ctx.channel(), error), () -> close(ctx.channel()));
      return;
    }
    waiting++;
    readOrPause(ctx.channel());
    ask(ctx.channel(), query.get());
  }

  private void ask(Channel channel, DnsQuery query) {
    Runnable task =
        () ->
            resolver.resolve(
                query,
                Optional.of(asked),
                DnsMessage.MAX_BYTES,
                answer -> on(channel, () -> answered(channel, answer)));
    if (resolver.loop().inEventLoop()) {
      task.run();
    } else {
      resolver.loop().execute(task);
    }
  }

  private static void on(Channel channel, Runnable task) {
    if (channel.eventLoop().inEventLoop()) {
      task.run();
    } else {
      channel.eventLoop().execute(task);
    }
  }

  private void answered(Channel channel, byte[] answer) {
    waiting--;
    send(channel, answer);
    readOrPause(channel);
  }

  private void send(Channel channel, byte[] answer) {
    if (!channel.isActive()) {
      return;
    }
    if (!limits.hold(answer.length)) {
      close(channel);
      return;
    }
    byte[] length = ByteBuffer.allocate(2).putShort((short) answer.length).array();
    channel
        .writeAndFlush(Unpooled.wrappedBuffer(length, answer))
        .addListener(
            done -> {
              limits.release(answer.length);
              closeWhenDone(channel);
            });
  }

  private void readOrPause(Channel channel) {
    boolean room = waiting < MOST_WAITING && channel.isWritable() && !inputEnded;
    channel.config().setAutoRead(room);
  }

  @Override
  public void channelWritabilityChanged(ChannelHandlerContext ctx) {
    readOrPause(ctx.channel());
  }

  @Override
  public void userEventTriggered(ChannelHandlerContext ctx, Object event) {
    if (event == ChannelInputShutdownEvent.INSTANCE) {
      inputEnded = true;
      closeWhenDone(ctx.channel());
    } else if (event instanceof IdleStateEvent && waiting == 0) {
      // Nothing was asked for a while, or an answer is not taken.
      close(ctx.channel());
    }
  }

  private void closeWhenDone(Channel channel) {
    if (inputEnded && waiting == 0 && channel.isActive()) {
      close(channel);
    }
  }

  /** A reset, or a message longer than its kind may be. */
  @Override
  public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
    close(ctx.channel());
  }

  private static void close(Channel channel) {
    var _ = channel.close();
  }
}
