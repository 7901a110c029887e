// SPDX-License-Identifier: Apache-2.0
package dev.culvert.waypoint.http;

import dev.culvert.ztunnel.hbone.frame.ErrorCode;
import dev.culvert.ztunnel.hbone.frame.FrameException;
import dev.culvert.ztunnel.hbone.frame.FrameListener;
import dev.culvert.ztunnel.hbone.frame.FrameReader;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.embedded.EmbeddedChannel;
import io.netty.handler.codec.http.DefaultHttpHeaders;
import io.netty.handler.codec.http.DefaultHttpResponse;
import io.netty.handler.codec.http.EmptyHttpHeaders;
import io.netty.handler.codec.http.HttpHeaders;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.HttpResponse;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.handler.codec.http.HttpVersion;
import io.netty.handler.codec.http2.DefaultHttp2Headers;
import io.netty.handler.codec.http2.DefaultHttp2HeadersEncoder;
import io.netty.handler.codec.http2.Http2CodecUtil;
import io.netty.handler.codec.http2.Http2Exception;
import io.netty.handler.codec.http2.Http2Headers;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** An HTTP/2 connection and its peer, who writes its frames by hand and tells what it hears. */
final class PlayedSession implements AutoCloseable {
  static final int WINDOW = 100_000;
  static final int ALL_WINDOWS = 300_000;
  static final int STREAMS = 4;
  private static final int HEAD = 8_000;

  final EmbeddedChannel channel = new EmbeddedChannel();
  final Session session;

  /** What streams were told, by their numbers. */
  final List<String> told = new ArrayList<>();

  final Map<Integer, End> ends = new HashMap<>();
  private final List<String> heard = new ArrayList<>();
  private final FrameReader reader;

  private PlayedSession(boolean server) {
    session = new Session(server);
    reader = new FrameReader(new Heard(), channel.alloc(), !server, 1 << 24, 1 << 20);
    channel.pipeline().addLast(session);
  }

  /** A server's connection, whose client has greeted. */
  static PlayedSession server() {
    PlayedSession played = new PlayedSession(true);
    ByteBuf preface = Http2CodecUtil.connectionPrefaceBuf();
    played.channel.writeInbound(preface);
    played.send(4, 0, 0, "");
    played.heard();
    return played;
  }

  /** A client's connection, whose server has greeted. */
  static PlayedSession client() {
    PlayedSession played = new PlayedSession(false);
    played.send(4, 0, 0, "");
    played.heard();
    return played;
  }

  /** One on which the peer has said nothing yet. */
  static PlayedSession silent() {
    return new PlayedSession(true);
  }

  final class Session extends Http2Session {
    Session(boolean server) {
      super(server, new Http2Bounds(HEAD, WINDOW, ALL_WINDOWS, STREAMS));
    }

    @Override
    protected void opened(int id, Http2Fields head, boolean ended) {
      End end = new End(id, ended);
      attach(end);
      try {
        HttpRequest request = Http2Messages.request(head, ended);
        end.expect(request.headers());
        told.add("%d %s %s".formatted(id, request.method(), request.uri()));
        if (ended) {
          end.inputEnded();
        }
      } catch (IllegalArgumentException e) {
        told.add("%d malformed".formatted(id));
      }
    }

    /** Opens a stream with a request. */
    End open(HttpRequest request, boolean last) {
      End end = new End(nextStream(), false);
      attach(end);
      end.writeHead(request, "http", last);
      end.flush();
      return end;
    }

    @Override
    protected void tooLarge(int id) {
      refuse(id, PlayedSession.head(431));
    }

    @Override
    protected void goingAway() {
      told.add("going away");
    }

    boolean isUnknown(int id) {
      return isUnknownToPeer(id);
    }

    boolean opens() {
      return canOpen();
    }

    void leaves() {
      drain();
    }

    void ends() {
      close();
    }
  }

  final class End extends Http2End implements HttpStream.Events {
    private boolean responded;

    /** Whether what comes is given back at once. */
    boolean takes = true;

    End(int id, boolean ended) {
      super(session, id, ended);
      events(this);
      ends.put(id, this);
    }

    void respond(HttpResponse head, boolean last) {
      writeHead(head, last);
      flush();
    }

    void say(String body, boolean last) {
      write(Unpooled.copiedBuffer(body, StandardCharsets.US_ASCII));
      if (last) {
        end(EmptyHttpHeaders.INSTANCE);
      }
      flush();
    }

    @Override
    protected void headersRead(Http2Fields headers, boolean last) {
      if (session.isServer() || responded) {
        trailersRead(headers, last);
        return;
      }
      HttpResponse head = Http2Messages.response(headers);
      responded = head.status().code() >= 200;
      expect(head.headers());
      tell("status " + head.status().code());
      if (last) {
        inputEnded();
      }
    }

    @Override
    protected StreamFailure failure(@Nullable Long code) {
      String why = code == null ? "gone" : ErrorCode.name(code);
      return new StreamFailure(ResponseFlag.NONE, why, code == null && session.isUnknown(id()));
    }

    @Override
    protected void sentBeforeInput() {
      if (session.isServer()) {
        reset(ErrorCode.NO_ERROR);
      }
    }

    private void tell(String what) {
      told.add("%d %s".formatted(id(), what));
    }

    @Override
    public void data(ByteBuf data) {
      int bytes = data.readableBytes();
      data.release();
      tell("data " + bytes);
      if (takes) {
        consumed(bytes);
      }
    }

    @Override
    public void ended(HttpHeaders trailers) {
      tell("end" + (trailers.isEmpty() ? "" : " " + trailers.entries()));
    }

    @Override
    public void dataComplete() {}

    @Override
    public void writable() {
      tell("writable");
    }

    @Override
    public void failed(StreamFailure failure) {
      tell("failed " + failure.problem() + (failure.untouched() ? " untouched" : ""));
    }
  }

  static HttpResponse head(int status) {
    return new DefaultHttpResponse(
        HttpVersion.HTTP_1_1, HttpResponseStatus.valueOf(status), new DefaultHttpHeaders());
  }

  // === the peer ===

  void send(int type, int flags, int stream, String payload) {
    send(type, flags, stream, payload.getBytes(StandardCharsets.ISO_8859_1));
  }

  private void send(int type, int flags, int stream, byte[] payload) {
    send(Unpooled.wrappedBuffer(frame(type, flags, stream, payload)), 1);
  }

  private static byte[] frame(int type, int flags, int stream, byte... payload) {
    return ByteBuffer.allocate(9 + payload.length)
        .putInt(payload.length << 8 | type)
        .put((byte) flags)
        .putInt(stream)
        .put(payload)
        .array();
  }

  private void send(ByteBuf frames, int times) {
    if (channel.isOpen()) {
      ByteBuf all = Unpooled.buffer(frames.readableBytes() * times);
      for (int i = 0; i < times; i++) {
        all.writeBytes(frames, 0, frames.readableBytes());
      }
      channel.writeInbound(all);
      channel.runPendingTasks();
    }
  }

  /** So many of them, which come at once. */
  void pings(int times) {
    send(Unpooled.wrappedBuffer(frame(6, 0, 0, new byte[8])), times);
  }

  /** Room on a stream and on the connection, as much at a time and so often. */
  void grants(int stream, int bytes, int times) {
    byte[] more = ByteBuffer.allocate(4).putInt(bytes).array();
    send(Unpooled.wrappedBuffer(frame(8, 0, stream, more), frame(8, 0, 0, more)), times);
  }

  void sendInts(int type, int flags, int stream, int... numbers) {
    ByteBuf bytes = Unpooled.buffer();
    for (int number : numbers) {
      bytes.writeInt(number);
    }
    byte[] payload = new byte[bytes.readableBytes()];
    bytes.readBytes(payload);
    send(type, flags, stream, payload);
  }

  void setting(int id, int value) {
    ByteBuf bytes = Unpooled.buffer().writeShort(id).writeInt(value);
    send(4, 0, 0, bytes.toString(StandardCharsets.ISO_8859_1));
  }

  /** Fields in pairs, as they are; no field gets into the table. */
  void headers(int stream, boolean last, String... fields) {
    Http2Headers headers = new DefaultHttp2Headers(false);
    for (int i = 0; i < fields.length; i += 2) {
      headers.add(fields[i], fields[i + 1]);
    }
    ByteBuf block = Unpooled.buffer();
    try {
      new DefaultHttp2HeadersEncoder((name, value) -> true).encodeHeaders(1, headers, block);
    } catch (Http2Exception e) {
      throw new IllegalArgumentException(e);
    }
    byte[] payload = new byte[block.readableBytes()];
    block.readBytes(payload);
    send(1, last ? 5 : 4, stream, payload);
  }

  void get(int stream) {
    headers(stream, true, request("GET"));
  }

  void post(int stream, String... more) {
    List<String> all = new ArrayList<>(List.of(request("POST")));
    all.addAll(List.of(more));
    headers(stream, false, all.toArray(String[]::new));
  }

  static String[] request(String method) {
    return new String[] {":method", method, ":scheme", "http", ":path", "/", ":authority", "shop"};
  }

  void data(int stream, int bytes, boolean last) {
    send(0, last ? 1 : 0, stream, new byte[bytes]);
  }

  void grant(int stream, int bytes) {
    sendInts(8, 0, stream, bytes);
  }

  void answerPing() {
    List<String> all = heard();
    String ping = all.stream().filter(one -> one.startsWith("ping ")).toList().getLast();
    sendInts(6, 1, 0, 0, Integer.parseInt(ping.substring(5)));
  }

  void later(long millis) {
    channel.advanceTimeBy(millis, TimeUnit.MILLISECONDS);
    channel.runScheduledPendingTasks();
    channel.runPendingTasks();
  }

  /** What the peer was told since the last call. */
  List<String> heard() {
    channel.runPendingTasks();
    try {
      for (ByteBuf part = channel.readOutbound(); part != null; part = channel.readOutbound()) {
        reader.read(part);
      }
    } catch (FrameException e) {
      throw new AssertionError(e);
    }
    List<String> all = List.copyOf(heard);
    heard.clear();
    return all;
  }

  /** What streams were told since the last call. */
  List<String> told() {
    List<String> all = List.copyOf(told);
    told.clear();
    return all;
  }

  @Override
  public void close() {
    channel.finishAndReleaseAll();
    reader.close();
  }

  private final class Heard implements FrameListener {
    @Override
    public void data(int stream, ByteBuf data, int padding, boolean last) {
      heard.add("data %d %d%s".formatted(stream, data.readableBytes(), last ? " end" : ""));
      data.release();
    }

    @Override
    public void headers(int stream, Http2Headers headers, boolean last) {
      StringBuilder all = new StringBuilder();
      headers.forEach(
          one -> all.append(' ').append(one.getKey()).append('=').append(one.getValue()));
      heard.add("headers %d%s%s".formatted(stream, all, last ? " end" : ""));
    }

    @Override
    public void headersTooLarge(int stream) {
      heard.add("too large");
    }

    @Override
    public void headersMalformed(int stream) {
      heard.add("malformed");
    }

    @Override
    public void ignored() {
      heard.add("ignored");
    }

    @Override
    public void reset(int stream, long code) {
      heard.add("reset %d %s".formatted(stream, ErrorCode.name(code)));
    }

    @Override
    public void setting(int id, long value) {
      heard.add("setting %d %d".formatted(id, value));
    }

    @Override
    public void settingsEnd() {}

    @Override
    public void settingsAck() {
      heard.add("settings ack");
    }

    @Override
    public void ping(long data, boolean ack) {
      heard.add((ack ? "pong " : "ping ") + data);
    }

    @Override
    public void goAway(int lastStream, long code, String reason) {
      heard.add("goaway %d %s".formatted(lastStream, ErrorCode.name(code)));
    }

    @Override
    public void windowUpdate(int stream, int bytes) {
      heard.add("window %d %d".formatted(stream, bytes));
    }
  }
}
