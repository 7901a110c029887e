// SPDX-License-Identifier: Apache-2.0
package dev.culvert.ztunnel.transport;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.bootstrap.Bootstrap;
import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** How event loops end. */
final class WorkersTest {
  private static final int ROUNDS = 20;

  private static List<Transport> transports() {
    return Transport.available();
  }

  /**
   * As a reset to a backend whose client is gone: one end of the loop's last turn tells another.
   */
  @ParameterizedTest
  @MethodSource("transports")
  void whatIsWrittenInTheLastTurnIsGivenBack(Transport transport) throws Exception {
    try (ServerSocket server = new ServerSocket(0, 2 * ROUNDS, InetAddress.getLoopbackAddress())) {
      for (int i = 0; i < ROUNDS; i++) {
        assertThat(writtenByWhatCloses(transport, server).refCnt()).isZero();
      }
    }
  }

  private static ByteBuf writtenByWhatCloses(Transport transport, ServerSocket server)
      throws Exception {
    Workers workers = new Workers(transport, 1);
    Channel backend = connect(transport, workers, server, new ChannelInboundHandlerAdapter());
    ByteBuf last = backend.alloc().directBuffer().writeLong(1);
    connect(
        transport,
        workers,
        server,
        new ChannelInboundHandlerAdapter() {
          @Override
          public void channelInactive(ChannelHandlerContext client) {
            client.executor().execute(() -> write(backend, last));
          }
        });
    workers.close();
    return last;
  }

  private static void write(Channel backend, ByteBuf last) {
    var _ = backend.writeAndFlush(last);
  }

  private static Channel connect(
      Transport transport, Workers workers, ServerSocket server, ChannelHandler handler)
      throws InterruptedException {
    return new Bootstrap()
        .group(workers.group())
        .channelFactory(transport::plainSocket)
        .handler(handler)
        .connect(server.getLocalSocketAddress())
        .sync()
        .channel();
  }
}
