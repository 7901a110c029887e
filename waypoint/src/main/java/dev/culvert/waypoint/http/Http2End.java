// SPDX-License-Identifier: Apache-2.0
package dev.culvert.waypoint.http;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.handler.codec.http.EmptyHttpHeaders;
import io.netty.handler.codec.http.HttpHeaders;
import io.netty.handler.codec.http2.Http2Error;
import io.netty.handler.codec.http2.Http2Exception;
import io.netty.handler.codec.http2.Http2Headers;
import io.netty.handler.codec.http2.Http2Stream;
import io.netty.util.ReferenceCountUtil;
import org.jspecify.annotations.Nullable;

/** A stream of HTTP/2 as an end of an exchange. On its event loop. */
public abstract class Http2End implements HttpStream {
  /** A part up to here waits for what comes in the same turn: with the end it is one frame. */
  private static final int SHORT = 4096;

  private final Http2Session session;
  private final Http2Stream stream;
  private HttpStream.@Nullable Events events;
  private boolean touched;
  private long moved;
  private boolean inputEnded;
  private boolean outputEnded;
  private boolean gone;
  private @Nullable ByteBuf held;

  protected Http2End(Http2Session session, Http2Stream stream, boolean inputEnded) {
    this.session = session;
    this.stream = stream;
    this.inputEnded = inputEnded;
    this.moved = System.nanoTime();
  }

  /** The head of a message, or what follows its body. */
  protected abstract void headersRead(Http2Headers headers, boolean last) throws Http2Exception;

  /** The stream is gone, whatever became of it. */
  protected void over() {}

  /** What it broke by. */
  protected abstract StreamFailure failure(@Nullable Long resetCode);

  /** Who hears of the rest; null once nobody does. */
  protected final void events(HttpStream.@Nullable Events told) {
    events = told;
  }

  /** Who hears of it; null when nobody does. */
  protected final HttpStream.@Nullable Events events() {
    return events;
  }

  /** Whether the peer's message is whole. */
  protected final boolean isInputEnded() {
    return inputEnded;
  }

  /** Whether our message is whole. */
  protected final boolean isOutputEnded() {
    return outputEnded;
  }

  /** The stream's number. */
  protected final int id() {
    return stream.id();
  }

  /** The connection. */
  protected final Http2Session session() {
    return session;
  }

  /** Sends headers that begin our message, or end it. */
  protected final void writeHeaders(Http2Headers headers, boolean last) {
    if (gone || outputEnded) {
      return;
    }
    outputEnded = last;
    var ctx = session.context();
    var _ = session.encoder().writeHeaders(ctx, stream.id(), headers, 0, last, ctx.newPromise());
  }

  /** The peer's message ends with these trailers. */
  protected final void trailersRead(Http2Headers trailers, boolean last) {
    if (!last) {
      reset(Http2Error.PROTOCOL_ERROR);
      fail(failure(null));
      return;
    }
    inputEnded = true;
    if (events != null) {
      try {
        events.ended(Http2Messages.trailers(trailers));
      } catch (IllegalArgumentException e) {
        reset(Http2Error.PROTOCOL_ERROR);
        fail(failure(null));
      }
    }
  }

  /** The peer's message ends without trailers. */
  protected final void inputEnded() {
    inputEnded = true;
    if (events != null) {
      events.ended(EmptyHttpHeaders.INSTANCE);
    }
  }

  /** Tells that it broke, once. */
  protected final void fail(StreamFailure failure) {
    HttpStream.Events told = events;
    events = null;
    if (told != null) {
      told.failed(failure);
    }
  }

  /** When something moved on it last; 0 where nobody asks. */
  protected final long moved() {
    return moved;
  }

  final boolean touch(long now) {
    moved = now;
    boolean first = !touched;
    touched = true;
    return first;
  }

  final void readComplete() {
    touched = false;
    if (events != null) {
      events.dataComplete();
    }
  }

  final void becameWritable() {
    if (events != null) {
      events.writable();
    }
  }

  /** A part of the peer's message. */
  protected void dataRead(ByteBuf data, boolean last) {
    if (events == null) {
      int bytes = data.readableBytes();
      data.release();
      consumed(bytes);
    } else if (data.isReadable()) {
      events.data(data);
    } else {
      data.release();
    }
    if (last) {
      inputEnded();
    }
  }

  final void resetRead(long code) {
    leave();
    fail(failure(code));
  }

  private void leave() {
    gone = true;
    ReferenceCountUtil.release(held);
    held = null;
  }

  final void closed() {
    leave();
    fail(failure(null));
    over();
  }

  /** Breaks the stream with a code that tells the peer why. */
  protected final void reset(Http2Error error) {
    if (!gone) {
      leave();
      var ctx = session.context();
      var _ = session.resetStream(ctx, stream.id(), error.code(), ctx.newPromise());
      session.flushSoon();
    }
  }

  // === HttpStream ===

  @Override
  public void write(ByteBuf data) {
    if (gone || outputEnded) {
      data.release();
      return;
    }
    moved = session.moved();
    sendHeld();
    if (data.readableBytes() <= SHORT) {
      held = data;
    } else {
      writeData(data, false);
    }
  }

  private void sendHeld() {
    if (held != null) {
      ByteBuf data = held;
      held = null;
      writeData(data, false);
    }
  }

  private void writeData(ByteBuf data, boolean ends) {
    var ctx = session.context();
    var _ = session.encoder().writeData(ctx, stream.id(), data, 0, ends, ctx.newPromise());
  }

  @Override
  public void end(HttpHeaders trailers) {
    if (gone || outputEnded) {
      return;
    }
    if (trailers.isEmpty()) {
      outputEnded = true;
      ByteBuf data = held == null ? Unpooled.EMPTY_BUFFER : held;
      held = null;
      writeData(data, true);
    } else {
      sendHeld();
      writeHeaders(Http2Messages.toHttp2(trailers), true);
    }
  }

  @Override
  public void flush() {
    sendHeld();
    session.flushSoon();
  }

  @Override
  public boolean isWritable() {
    return !gone && session.encoder().flowController().isWritable(stream);
  }

  @Override
  public void consumed(int bytes) {
    if (bytes == 0) {
      return;
    }
    try {
      if (session.decoder().flowController().consumeBytes(stream, bytes)) {
        session.flushSoon();
      }
    } catch (Http2Exception e) {
      reset(Http2Error.INTERNAL_ERROR);
    }
  }

  @Override
  public void reset() {
    events = null;
    if (!(inputEnded && outputEnded)) {
      reset(Http2Error.CANCEL);
    }
  }
}
