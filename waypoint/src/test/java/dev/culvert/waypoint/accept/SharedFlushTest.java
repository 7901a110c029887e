// SPDX-License-Identifier: Apache-2.0
package dev.culvert.waypoint.accept;

import static org.assertj.core.api.Assertions.assertThat;

import dev.culvert.waypoint.http.HttpStream;
import dev.culvert.waypoint.http.StreamFailure;
import dev.culvert.waypoint.plan.Party;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelOutboundHandlerAdapter;
import io.netty.channel.ChannelPromise;
import io.netty.channel.embedded.EmbeddedChannel;
import io.netty.handler.codec.http.DefaultHttpResponse;
import io.netty.handler.codec.http.EmptyHttpHeaders;
import io.netty.handler.codec.http.HttpHeaders;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.handler.codec.http.HttpVersion;
import io.netty.handler.codec.http2.DefaultHttp2Headers;
import io.netty.handler.codec.http2.DefaultHttp2HeadersEncoder;
import io.netty.handler.codec.http2.Http2CodecUtil;
import io.netty.handler.codec.http2.Http2Flags;
import io.netty.handler.codec.http2.Http2FrameTypes;
import io.netty.util.ReferenceCountUtil;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Answers that are there in one turn of an event loop leave an HTTP/2 connection together. */
final class SharedFlushTest {
  private static final InetSocketAddress NOBODY = new InetSocketAddress("192.0.2.1", 1);

  private final List<ClientStream> asked = new ArrayList<>();
  private final Socket socket = new Socket();
  private final EmbeddedChannel channel = new EmbeddedChannel(socket);

  @AfterEach
  void close() {
    channel.finishAndReleaseAll();
  }

  @Test
  void answersOfOneTurnShareAFlush() throws Exception {
    connect();
    channel.writeInbound(request(1), request(3), request(5));
    socket.flushes = 0;

    asked.forEach(SharedFlushTest::answer);
    assertThat(socket.flushes).isZero();

    channel.runPendingTasks();
    assertThat(socket.flushes).isOne();
    assertThat(sent()).hasSize(3).containsOnly(Http2FrameTypes.HEADERS);
  }

  @Test
  void theNextTurnHasAFlushOfItsOwn() throws Exception {
    connect();
    channel.writeInbound(request(1), request(3));
    for (ClientStream stream : asked) {
      socket.flushes = 0;
      answer(stream);
      channel.runPendingTasks();
      assertThat(socket.flushes).isOne();
    }
    assertThat(sent()).hasSize(2).containsOnly(Http2FrameTypes.HEADERS);
  }

  @Test
  void aShortBodyAndItsEndAreOneFrame() throws Exception {
    connect();
    channel.writeInbound(request(1));
    ClientStream stream = asked.getFirst();
    stream.respond(new DefaultHttpResponse(HttpVersion.HTTP_1_1, HttpResponseStatus.OK));
    stream.write(Unpooled.wrappedBuffer(new byte[64]));
    stream.end(EmptyHttpHeaders.INSTANCE);
    channel.runPendingTasks();

    assertThat(sent()).containsExactly(Http2FrameTypes.HEADERS, Http2FrameTypes.DATA);
  }

  @Test
  void aShortBodyThatDoesNotEndIsSentAllTheSame() throws Exception {
    connect();
    channel.writeInbound(request(1));
    ClientStream stream = asked.getFirst();
    stream.respond(new DefaultHttpResponse(HttpVersion.HTTP_1_1, HttpResponseStatus.OK));
    stream.write(Unpooled.wrappedBuffer(new byte[64]));
    stream.flush();
    channel.runPendingTasks();

    assertThat(sent()).containsExactly(Http2FrameTypes.HEADERS, Http2FrameTypes.DATA);
  }

  @Test
  void nothingIsKeptOfABodyThatBreaks() throws Exception {
    connect();
    channel.writeInbound(request(1));
    ClientStream stream = asked.getFirst();
    ByteBuf part = Unpooled.wrappedBuffer(new byte[64]);
    stream.respond(new DefaultHttpResponse(HttpVersion.HTTP_1_1, HttpResponseStatus.OK));
    stream.write(part);
    stream.reset();

    assertThat(part.refCnt()).isZero();
  }

  private void connect() {
    ClientConnection client =
        new ClientConnection(
            channel.eventLoop(),
            NOBODY,
            NOBODY,
            Optional.empty(),
            false,
            Optional.empty(),
            Party.UNKNOWN);
    Http2Client.install(channel, client, AcceptSettings.STANDARD, new Asked());
    ByteBuf greeting = channel.alloc().buffer();
    ByteBuf preface = Http2CodecUtil.connectionPrefaceBuf();
    greeting.writeBytes(preface);
    preface.release();
    Http2CodecUtil.writeFrameHeader(greeting, 0, Http2FrameTypes.SETTINGS, noFlags(), 0);
    channel.writeInbound(greeting);
    channel.runPendingTasks();
    socket.written.clear();
  }

  private ByteBuf request(int stream) throws Exception {
    ByteBuf block = channel.alloc().buffer();
    new DefaultHttp2HeadersEncoder()
        .encodeHeaders(
            stream,
            new DefaultHttp2Headers().method("GET").scheme("http").path("/").authority("shop"),
            block);
    ByteBuf frame = channel.alloc().buffer();
    Http2CodecUtil.writeFrameHeader(
        frame,
        block.readableBytes(),
        Http2FrameTypes.HEADERS,
        noFlags().endOfStream(true).endOfHeaders(true),
        stream);
    frame.writeBytes(block);
    block.release();
    return frame;
  }

  private static Http2Flags noFlags() {
    return new Http2Flags();
  }

  private static void answer(ClientStream stream) {
    stream.respond(new DefaultHttpResponse(HttpVersion.HTTP_1_1, HttpResponseStatus.OK));
    stream.end(EmptyHttpHeaders.INSTANCE);
    stream.flush();
  }

  /** The types of the frames that were written, in their order. */
  private List<Byte> sent() {
    List<Byte> types = new ArrayList<>();
    while (socket.written.isReadable()) {
      int length = socket.written.readUnsignedMedium();
      types.add(socket.written.readByte());
      socket.written.skipBytes(1 + Integer.BYTES + length);
    }
    return types;
  }

  /** Keeps what is written: an embedded channel would run the loop's tasks with each write. */
  private static final class Socket extends ChannelOutboundHandlerAdapter {
    private final ByteBuf written = Unpooled.buffer();
    private int flushes;

    @Override
    public void write(ChannelHandlerContext ctx, Object message, ChannelPromise promise) {
      written.writeBytes((ByteBuf) message);
      ReferenceCountUtil.release(message);
      promise.trySuccess();
    }

    @Override
    public void flush(ChannelHandlerContext ctx) {
      flushes++;
    }
  }

  private final class Asked implements ExchangeStarter {
    @Override
    public HttpStream.Events begin(ClientStream client, HttpRequest head) {
      asked.add(client);
      return new Deaf();
    }

    @Override
    public void rejected(ClientConnection connection, int status, String problem) {
      throw new AssertionError(problem);
    }
  }

  private static final class Deaf implements HttpStream.Events {
    @Override
    public void data(ByteBuf data) {
      data.release();
    }

    @Override
    public void ended(HttpHeaders trailers) {}

    @Override
    public void dataComplete() {}

    @Override
    public void writable() {}

    @Override
    public void failed(StreamFailure failure) {}
  }
}
