// SPDX-License-Identifier: Apache-2.0
package dev.culvert.ztunnel.transport;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.bootstrap.Bootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.socket.ChannelInputShutdownEvent;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** A peer that has ended its own side, as one that sent its request, is written to like any. */
@Timeout(60)
class HalfClosedPeerTest {
  /** More than all buffers between the two. */
  private static final int BYTES = 32 * 1024 * 1024;

  private static final int PIECE = 256 * 1024;

  static Stream<Transport> transports() {
    return Transport.available().stream();
  }

  @ParameterizedTest
  @MethodSource("transports")
  void peerThatEndsItsSideWhileItReadsNothingGetsAllOnceItReads(Transport transport)
      throws Exception {
    EventLoopGroup loops = transport.workers(1);
    Writer writer = new Writer();
    try (ServerSocket listener = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      Channel channel =
          new Bootstrap()
              .group(loops)
              .channelFactory(transport::plainSocket)
              .option(ChannelOption.ALLOW_HALF_CLOSURE, true)
              .handler(writer)
              .connect(listener.getLocalSocketAddress())
              .sync()
              .channel();
      try (Socket peer = listener.accept()) {
        peer.setSoTimeout(10_000);
        assertThat(writer.waits.await(10, TimeUnit.SECONDS)).isTrue();
        peer.shutdownOutput();
        assertThat(writer.heardEnd.await(10, TimeUnit.SECONDS)).isTrue();
        // io_uring tries a write 128 times before it leaves it, which nothing tells of.
        Thread.sleep(100);
        assertThat(read(peer)).isEqualTo(BYTES);
      } finally {
        channel.close().sync();
      }
    } finally {
      loops.shutdownGracefully(0, 1, TimeUnit.SECONDS).sync();
    }
  }

  private static int read(Socket peer) throws Exception {
    byte[] buffer = new byte[PIECE];
    int bytes = 0;
    while (bytes < BYTES) {
      int read = peer.getInputStream().read(buffer);
      if (read < 0) {
        break;
      }
      bytes += read;
    }
    return bytes;
  }

  /** Writes all at once, which has to wait for the peer. */
  private static final class Writer extends ChannelInboundHandlerAdapter {
    private final CountDownLatch waits = new CountDownLatch(1);
    private final CountDownLatch heardEnd = new CountDownLatch(1);

    @Override
    public boolean isSharable() {
      return true;
    }

    @Override
    public void channelActive(ChannelHandlerContext context) {
      for (int written = 0; written < BYTES; written += PIECE) {
        var _ =
            context.write(
                context.alloc().directBuffer(PIECE).writeZero(PIECE), context.voidPromise());
      }
      context.flush();
      waits.countDown();
    }

    @Override
    public void userEventTriggered(ChannelHandlerContext context, Object event) throws Exception {
      if (event == ChannelInputShutdownEvent.INSTANCE) {
        heardEnd.countDown();
      }
      super.userEventTriggered(context, event);
    }
  }
}
