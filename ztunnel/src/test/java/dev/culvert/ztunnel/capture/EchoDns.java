// SPDX-License-Identifier: Apache-2.0
package dev.culvert.ztunnel.capture;

import static java.nio.charset.StandardCharsets.US_ASCII;

import dev.culvert.ztunnel.dns.PodDns;
import dev.culvert.ztunnel.transport.TcpHalf;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.SimpleChannelInboundHandler;
import io.netty.channel.socket.DatagramPacket;
import java.net.InetSocketAddress;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/** Answers every datagram with what it says, two of them later. */
final class EchoDns implements PodDns {
  /** Holds the loop until {@link #release}. */
  static final String HOLD = "hold";

  /** Is answered by {@link #answerForwarded}. */
  static final String FORWARD = "forward";

  private final CountDownLatch held = new CountDownLatch(1);
  private final CountDownLatch released = new CountDownLatch(1);
  private final CompletableFuture<Void> idle = new CompletableFuture<>();
  private volatile Runnable forwarded;

  void awaitHeld() throws InterruptedException {
    assertWithin(held);
  }

  void release() {
    released.countDown();
  }

  boolean forwards() {
    return forwarded != null;
  }

  void answerForwarded() {
    forwarded.run();
  }

  private static void assertWithin(CountDownLatch latch) throws InterruptedException {
    if (!latch.await(30, TimeUnit.SECONDS)) {
      throw new AssertionError("nobody came in 30 s");
    }
  }

  @Override
  public ChannelHandler datagrams() {
    return new SimpleChannelInboundHandler<DatagramPacket>() {
      @Override
      protected void channelRead0(ChannelHandlerContext ctx, DatagramPacket packet)
          throws InterruptedException {
        String text = packet.content().toString(US_ASCII);
        InetSocketAddress from = packet.sender();
        switch (text) {
          case HOLD -> {
            held.countDown();
            assertWithin(released);
            answer(ctx, text, from);
          }
          case FORWARD ->
              forwarded =
                  () ->
                      ctx.executor()
                          .execute(
                              () -> {
                                answer(ctx, text, from);
                                idle.complete(null);
                              });
          default -> answer(ctx, text, from);
        }
      }
    };
  }

  private static void answer(ChannelHandlerContext ctx, String text, InetSocketAddress to) {
    var _ = ctx.writeAndFlush(new DatagramPacket(Unpooled.copiedBuffer(text, US_ASCII), to));
  }

  @Override
  public boolean takesConnections() {
    return false;
  }

  @Override
  public void accept(TcpHalf client, InetSocketAddress asked) {
    client.reset();
  }

  @Override
  public CompletableFuture<Void> idle() {
    return forwards() ? idle : CompletableFuture.completedFuture(null);
  }

  @Override
  public void close() {}
}
