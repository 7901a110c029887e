// SPDX-License-Identifier: Apache-2.0
package dev.culvert.ztunnel.hbone;

import dev.culvert.ztunnel.hbone.frame.FrameException;
import dev.culvert.ztunnel.hbone.frame.FrameReader;
import dev.culvert.ztunnel.hbone.frame.RawFrame;
import dev.culvert.ztunnel.hbone.frame.RecordedFrames;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.PooledByteBufAllocator;
import io.netty.channel.embedded.EmbeddedChannel;
import io.netty.handler.codec.http2.DefaultHttp2Headers;
import io.netty.handler.codec.http2.Http2Headers;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** The other side of a tunnel, frame by frame. */
final class FramedPeer implements AutoCloseable {
  private static final byte[] CONNECT = RawFrame.block(connect("10.0.0.1:80"));

  final EmbeddedChannel channel;
  private final RecordedFrames heard = new RecordedFrames();
  private final FrameReader reader;

  FramedPeer(TunnelHandler tunnel) {
    this(tunnel, RawFrame.of(4, 0, 0));
  }

  FramedPeer(TunnelHandler tunnel, byte[] settings) {
    channel = new EmbeddedChannel(tunnel);
    reader =
        new FrameReader(
            heard, PooledByteBufAllocator.DEFAULT, !tunnel.isServer(), 1 << 24, 64 * 1024);
    send(tunnel.isServer() ? RawFrame.greeting() : settings);
    heard();
  }

  static Http2Headers connect(String authority) {
    return new DefaultHttp2Headers(false).method("CONNECT").authority(authority);
  }

  /** To a tunnel that is closed nothing gets. */
  void send(byte[]... frames) {
    if (!channel.isOpen()) {
      return;
    }
    ByteBuf bytes = PooledByteBufAllocator.DEFAULT.directBuffer();
    for (byte[] frame : frames) {
      bytes.writeBytes(frame);
    }
    channel.writeInbound(bytes);
  }

  void request(int stream) {
    send(RawFrame.of(1, 4, stream, CONNECT));
  }

  void answer(int stream, String status) {
    headers(stream, 4, new DefaultHttp2Headers(false).status(status));
  }

  void headers(int stream, int flags, Http2Headers headers) {
    send(RawFrame.of(1, flags, stream, RawFrame.block(headers)));
  }

  void data(int stream, int bytes) {
    send(RawFrame.of(0, 0, stream, new byte[bytes]));
  }

  void reset(int stream, int code) {
    send(RawFrame.ofInts(3, 0, stream, code));
  }

  void grant(int stream, int bytes) {
    send(RawFrame.ofInts(8, 0, stream, bytes));
  }

  /** Answers the last PING of what it heard since the last call. */
  void answerPing() {
    answerPing(heard());
  }

  /** Answers the last PING of what it heard. */
  void answerPing(List<String> events) {
    String last = events.stream().filter(e -> e.startsWith("ping ")).toList().getLast();
    long ping = Long.parseLong(last.split(" ", -1)[1]);
    send(RawFrame.ofInts(6, 1, 0, (int) (ping >>> 32), (int) ping));
  }

  /** What the tunnel sent since the last call. */
  List<String> heard() {
    channel.runPendingTasks();
    try {
      for (ByteBuf part = channel.readOutbound(); part != null; part = channel.readOutbound()) {
        reader.read(part);
      }
    } catch (FrameException e) {
      throw new AssertionError(e);
    }
    return heard.take();
  }

  void later(long millis) {
    channel.advanceTimeBy(millis, TimeUnit.MILLISECONDS);
    channel.runScheduledPendingTasks();
  }

  @Override
  public void close() {
    channel.finishAndReleaseAll();
    reader.close();
  }
}
