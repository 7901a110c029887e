// SPDX-License-Identifier: Apache-2.0
package dev.culvert.ztunnel.hbone;

import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Level;
import dev.culvert.ztunnel.hbone.frame.RawFrame;
import dev.culvert.ztunnel.peers.LeakWatch;
import dev.culvert.ztunnel.telemetry.CapturedLog;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** A stream as a connection of its own. */
class StreamChannelTest {
  private static final int MIB = 1 << 20;

  private final List<InboundConnect> asked = new ArrayList<>();
  private final FramedPeer peer =
      new FramedPeer(ServerTunnel.create(TunnelSettings.standard(), asked::add));
  private final Reader reader = new Reader();

  @AfterEach
  void close() {
    peer.close();
  }

  @AfterAll
  static void nothingLeaked() throws Exception {
    assertThat(LeakWatch.leaks()).isEmpty();
  }

  private Channel open() {
    peer.request(1);
    return asked.getLast().accept("", reader);
  }

  @Test
  void whatNobodyReadsKeepsTheWindowClosed() {
    Channel channel = open();
    channel.config().setAutoRead(false);
    for (int i = 0; i < 4; i++) {
      peer.data(1, MIB);
    }
    assertThat(reader.received).isZero();
    assertThat(peer.heard()).noneMatch(event -> event.startsWith("window"));
    channel.config().setAutoRead(true);
    assertThat(peer.heard()).anyMatch(event -> event.startsWith("window 1 "));
    assertThat(reader.received).isEqualTo(4 * MIB);
  }

  @Test
  void readerThatPausesInTheMiddleGetsTheRestLater() {
    reader.pausesAt = MIB;
    Channel channel = open();
    channel.config().setAutoRead(false);
    peer.data(1, MIB);
    peer.data(1, MIB);
    channel.config().setAutoRead(true);
    peer.heard();
    assertThat(reader.received).isEqualTo(MIB);
    channel.config().setAutoRead(true);
    peer.heard();
    assertThat(reader.received).isEqualTo(2 * MIB);
  }

  @Test
  void writerIsHeldByThePeersWindow() {
    peer.send(RawFrame.setting(4, 0));
    Channel channel = open();
    while (channel.isWritable()) {
      var _ = channel.writeAndFlush(Unpooled.wrappedBuffer(new byte[100_000]));
    }
    long waits = channel.bytesBeforeWritable();
    assertThat(waits).isPositive();
    assertThat(peer.heard()).noneMatch(event -> event.startsWith("data 1 "));
    peer.grant(0, 1 << 30);
    peer.send(RawFrame.setting(4, Integer.MAX_VALUE));
    assertThat(peer.heard()).anyMatch(event -> event.startsWith("data 1 "));
    peer.heard();
    assertThat(channel.isWritable()).isTrue();
  }

  @Test
  void closingEndsTheStreamAndDropsWhatStillComes() {
    Channel channel = open();
    channel.config().setAutoRead(false);
    peer.data(1, MIB);
    var _ = channel.close();
    peer.data(1, MIB);
    assertThat(peer.heard())
        .anyMatch(event -> event.startsWith("data 1 ") && event.contains("end"));
    assertThat(reader.received).isZero();
    assertThat(channel.isActive()).isFalse();
  }

  /** Or a peer could have a warning written for each connection that it breaks late. */
  @Test
  void breakBehindTheCloseIsNobodysConcern() {
    Channel channel = open();
    var _ = channel.close();
    peer.heard();
    try (CapturedLog netty =
        new CapturedLog("io.netty.channel.DefaultChannelPipeline", Level.WARN)) {
      peer.reset(1, 2);
      peer.heard();
      assertThat(netty.events()).isEmpty();
    }
  }

  @Test
  void peerThatEndsClosesTheConnection() {
    Channel channel = open();
    peer.data(1, 10);
    peer.reset(1, 8);
    peer.heard();
    assertThat(reader.received).isEqualTo(10);
    assertThat(channel.isOpen()).isFalse();
  }

  private static final class Reader extends ChannelInboundHandlerAdapter {
    private int received;
    private int pausesAt = -1;

    @Override
    public void channelRead(ChannelHandlerContext ctx, Object message) {
      ByteBuf data = (ByteBuf) message;
      received += data.readableBytes();
      data.release();
      if (received == pausesAt) {
        ctx.channel().config().setAutoRead(false);
      }
    }
  }
}
