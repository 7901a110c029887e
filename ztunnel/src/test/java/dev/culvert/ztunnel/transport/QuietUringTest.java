// SPDX-License-Identifier: Apache-2.0
package dev.culvert.ztunnel.transport;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.netty.bootstrap.Bootstrap;
import io.netty.bootstrap.ServerBootstrap;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.uring.IoUring;
import io.netty.channel.uring.IoUringServerSocketChannel;
import io.netty.channel.uring.IoUringSocketChannel;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class QuietUringTest {
  private static final int LOOPS = 20;

  @BeforeAll
  static void needIoUring() {
    assumeTrue(IoUring.isAvailable(), "io_uring does not work here");
  }

  @Test
  void loopsThatEndCloseTheirChannels() throws Exception {
    for (int i = 0; i < LOOPS; i++) {
      EventLoopGroup loops = new MultiThreadIoEventLoopGroup(1, QuietUring.factory());
      CountDownLatch read = new CountDownLatch(1);
      Channel listener =
          new ServerBootstrap()
              .group(loops)
              .channel(IoUringServerSocketChannel.class)
              .childHandler(new Reader(read))
              .bind(InetAddress.getLoopbackAddress(), 0)
              .sync()
              .channel();
      Channel client =
          new Bootstrap()
              .group(loops)
              .channel(IoUringSocketChannel.class)
              .handler(new ChannelInboundHandlerAdapter())
              .connect((InetSocketAddress) listener.localAddress())
              .sync()
              .channel();
      client.writeAndFlush(Unpooled.directBuffer().writeZero(1000)).sync();
      assertThat(read.await(10, TimeUnit.SECONDS)).isTrue();
      assertThat(loops.shutdownGracefully(0, 0, TimeUnit.SECONDS).await(20, TimeUnit.SECONDS))
          .isTrue();
      assertThat(client.isOpen()).isFalse();
      assertThat(listener.isOpen()).isFalse();
    }
  }

  private static final class Reader extends ChannelInboundHandlerAdapter {
    private final CountDownLatch read;

    private Reader(CountDownLatch read) {
      this.read = read;
    }

    @Override
    public void channelRead(ChannelHandlerContext context, Object message) throws Exception {
      super.channelRead(context, message);
      read.countDown();
    }
  }
}
