// SPDX-License-Identifier: Apache-2.0
package dev.culvert.ztunnel.hbone.frame;

import static org.assertj.core.api.Assertions.assertThat;

import dev.culvert.ztunnel.peers.LeakWatch;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.embedded.EmbeddedChannel;
import io.netty.handler.codec.http2.DefaultHttp2FrameReader;
import io.netty.handler.codec.http2.DefaultHttp2FrameWriter;
import io.netty.handler.codec.http2.DefaultHttp2Headers;
import io.netty.handler.codec.http2.DefaultHttp2HeadersDecoder;
import io.netty.handler.codec.http2.Http2EventAdapter;
import io.netty.handler.codec.http2.Http2Headers;
import io.netty.handler.codec.http2.Http2Settings;
import io.netty.util.AsciiString;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;

class FrameWriterTest {
  private final ChannelInboundHandlerAdapter place = new ChannelInboundHandlerAdapter();
  private final EmbeddedChannel channel = new EmbeddedChannel(place);
  private final ChannelHandlerContext context = channel.pipeline().context(place);
  private final FrameWriter writer = new FrameWriter(context, AsciiString.cached("forwarded"));

  @AfterAll
  static void nothingLeaked() throws Exception {
    assertThat(LeakWatch.leaks()).isEmpty();
  }

  private ByteBuf written() {
    writer.finish();
    context.flush();
    ByteBuf all = Unpooled.buffer();
    for (ByteBuf part = channel.readOutbound(); part != null; part = channel.readOutbound()) {
      all.writeBytes(part);
      part.release();
    }
    return all;
  }

  private static List<String> read(ByteBuf bytes, boolean server) throws FrameException {
    RecordedFrames recorded = new RecordedFrames();
    FrameReader reader = new FrameReader(recorded, bytes.alloc(), server, 1 << 20, 64 * 1024);
    try {
      reader.read(bytes);
    } finally {
      reader.close();
    }
    return recorded.events();
  }

  private static Http2Headers headers(int bytes) {
    return new DefaultHttp2Headers().status("200").add("forwarded", "x".repeat(bytes));
  }

  @Test
  void readBackByOurReader() throws Exception {
    writer.preface();
    writer.settings(4, 70_000, 5, 20_000);
    writer.settingsAck();
    writer.headers(1, headers(3), false, 16_384);
    writer.data(1, 4, false);
    writer.payload(Unpooled.copyInt(7));
    writer.ping(42, true);
    writer.windowUpdate(0, 99);
    writer.reset(1, ErrorCode.CANCEL);
    writer.goAway(1, ErrorCode.ENHANCE_YOUR_CALM, "no\nmore");
    assertThat(read(written(), true))
        .containsExactly(
            "setting 4 70000",
            "setting 5 20000",
            "settings",
            "settings ack",
            "headers 1 :status=200forwarded=xxx",
            "data 1 00000007 +0",
            "pong 42",
            "window 0 99",
            "reset 1 CANCEL",
            "goaway 1 ENHANCE_YOUR_CALM no.more");
  }

  @Test
  void longHeadersGoOnInFramesThatThePeerTakes() throws Exception {
    writer.settings();
    writer.headers(1, headers(50_000), true, 16_384);
    writer.headers(3, headers(5), true, 16_384);
    assertThat(read(written(), false))
        .containsExactly(
            "settings",
            "headers 1 :status=200forwarded=" + "x".repeat(50_000) + " end",
            "headers 3 :status=200forwarded=xxxxx end");
  }

  @Test
  void longReasonIsShortened() throws Exception {
    writer.settings();
    writer.goAway(1, ErrorCode.PROTOCOL_ERROR, "y".repeat(100_000));
    assertThat(written()).satisfies(all -> assertThat(all.readableBytes()).isLessThan(300));
  }

  /** RFC 7541 4.2; and a peer that changes its mind without end costs nothing. */
  @Test
  void tableSizesOfThePeerAreKept() throws Exception {
    writer.settings();
    Http2Headers same = new DefaultHttp2Headers().status("200").add("baggage", "a=b");
    writer.headers(1, same, false, 16_384);
    for (int i = 0; i < 100_000; i++) {
      writer.headerTable(i % 2 == 0 ? 0 : 4096);
    }
    writer.headers(3, same, false, 16_384);
    writer.headers(5, same, false, 16_384);
    ByteBuf all = written();
    assertThat(all.readableBytes()).isLessThan(200);
    assertThat(read(all, false))
        .containsExactly(
            "settings",
            "headers 1 :status=200baggage=a=b",
            "headers 3 :status=200baggage=a=b",
            "headers 5 :status=200baggage=a=b");
  }

  @Test
  void readByNetty() throws Exception {
    writer.settings(3, 100);
    writer.headers(1, headers(20_000), false, 16_384);
    writer.data(1, 5000, true);
    writer.payload(Unpooled.directBuffer().writeZero(5000));
    writer.ping(5, false);
    writer.goAway(7, ErrorCode.NO_ERROR, "bye");
    ByteBuf all = written();
    List<String> heard = new ArrayList<>();
    try (var reader =
        new DefaultHttp2FrameReader(new DefaultHttp2HeadersDecoder(true, 64 * 1024))) {
      while (all.isReadable()) {
        reader.readFrame(context, all, new Heard(heard));
      }
    }
    all.release();
    assertThat(heard)
        .containsExactly(
            "settings {MAX_CONCURRENT_STREAMS=100}",
            "headers 1 200 20000 false",
            "data 1 5000 true",
            "ping 5",
            "goaway 7 0");
  }

  private static final class Heard extends Http2EventAdapter {
    private final List<String> heard;

    Heard(List<String> heard) {
      this.heard = heard;
    }

    @Override
    public void onSettingsRead(ChannelHandlerContext ctx, Http2Settings settings) {
      heard.add("settings " + settings);
    }

    @Override
    public void onHeadersRead(
        ChannelHandlerContext ctx, int stream, Http2Headers headers, int padding, boolean end) {
      heard.add(
          "headers %d %s %d %s"
              .formatted(stream, headers.status(), headers.get("forwarded").length(), end));
    }

    @Override
    public int onDataRead(
        ChannelHandlerContext ctx, int stream, ByteBuf data, int padding, boolean end) {
      heard.add("data %d %d %s".formatted(stream, data.readableBytes(), end));
      return 0;
    }

    @Override
    public void onPingRead(ChannelHandlerContext ctx, long data) {
      heard.add("ping " + data);
    }

    @Override
    public void onGoAwayRead(ChannelHandlerContext ctx, int last, long code, ByteBuf reason) {
      heard.add("goaway %d %d".formatted(last, code));
    }
  }

  @Test
  void nettysWriterRead() throws Exception {
    try (var netty = new DefaultHttp2FrameWriter()) {
      var _ =
          netty.writeSettings(
              context, new Http2Settings().initialWindowSize(5), context.newPromise());
      var _ = netty.writeHeaders(context, 1, headers(40_000), 11, true, context.newPromise());
      var _ = netty.writeData(context, 3, Unpooled.copyInt(9), 100, true, context.newPromise());
      var _ = netty.writePing(context, true, 8, context.newPromise());
      var _ = netty.writePriority(context, 3, 1, (short) 4, false, context.newPromise());
      var _ = netty.writeGoAway(context, 1, 2, Unpooled.EMPTY_BUFFER, context.newPromise());
    }
    assertThat(read(written(), false))
        .containsExactly(
            "setting 4 5",
            "settings",
            "headers 1 :status=200forwarded=" + "x".repeat(40_000) + " end",
            "data 3 00000009 +100 end",
            "pong 8",
            "ignored",
            "goaway 1 INTERNAL_ERROR ");
  }
}
