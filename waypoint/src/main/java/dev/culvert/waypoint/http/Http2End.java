// SPDX-License-Identifier: Apache-2.0
package dev.culvert.waypoint.http;

import dev.culvert.ztunnel.hbone.frame.ErrorCode;
import dev.culvert.ztunnel.hbone.frame.ReceiveWindow;
import io.netty.buffer.ByteBuf;
import io.netty.handler.codec.http.DefaultHttpHeaders;
import io.netty.handler.codec.http.EmptyHttpHeaders;
import io.netty.handler.codec.http.HttpHeaders;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.HttpResponse;
import org.jspecify.annotations.Nullable;

/** A stream of HTTP/2 as an end of an exchange. On its event loop. */
public abstract class Http2End extends Http2Sender implements HttpStream {
  private final Http2Session session;
  private final ReceiveWindow window;
  private final BodyLength length = new BodyLength();
  private HttpStream.@Nullable Events events;
  private boolean touched;
  private long moved;
  private int underway;
  private boolean inputEnded;

  /**
   * @param id the stream's number
   * @param inputEnded whether the peer's message is its head
   */
  protected Http2End(Http2Session session, int id, boolean inputEnded) {
    super(id, session.output());
    this.session = session;
    this.window = new ReceiveWindow(session.streamWindow());
    this.inputEnded = inputEnded;
    this.moved = System.nanoTime();
  }

  /** The head of a message, or what follows its body. */
  protected abstract void headersRead(Http2Fields headers, boolean last);

  /** The stream is gone, whatever became of it. */
  protected void over() {}

  /** What it broke by; without a code, by the end of the connection. */
  protected abstract StreamFailure failure(@Nullable Long resetCode);

  /** The peer's message is none (RFC 9113, section 8.1.1): the stream is to break. */
  protected void malformed(String problem) {
    fail(failure(null));
    reset(ErrorCode.PROTOCOL_ERROR);
  }

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

  /** The connection. */
  protected final Http2Session session() {
    return session;
  }

  /** What the peer's head says of the body's length; throws IllegalArgumentException. */
  protected final void expect(HttpHeaders head) {
    length.expect(head);
  }

  /** Whether the peer's message could be whole now, by its length. */
  protected final boolean isComplete() {
    return length.isWhole(session.isServer());
  }

  /** Sends the head of a request. */
  protected final void writeHead(HttpRequest head, String scheme, boolean last) {
    session.output().block().request(head, scheme);
    sendHead(last);
  }

  /** Sends the head of a response, or of an interim one. */
  protected final void writeHead(HttpResponse head, boolean last) {
    if (!isGone() && !isOutputEnded()) {
      session.output().block().response(head);
      sendHead(last);
    }
  }

  /** The peer's message ends with these trailers. */
  protected final void trailersRead(Http2Fields trailers, boolean last) {
    if (!last || trailers.hasPseudo()) {
      malformed("headers after its head that are no trailers");
      return;
    }
    HttpHeaders fields;
    try {
      fields = trailers.fields();
    } catch (IllegalArgumentException e) {
      malformed("trailers with characters that no value has");
      return;
    }
    inputEnded(fields);
  }

  /** The peer's message ends without trailers. */
  protected final void inputEnded() {
    inputEnded(EmptyHttpHeaders.INSTANCE);
  }

  private void inputEnded(HttpHeaders trailers) {
    if (!isComplete()) {
      malformed("a body shorter than its content-length");
      return;
    }
    inputEnded = true;
    HttpStream.Events told = events;
    if (told != null) {
      told.ended(trailers);
    }
    session.finishedIfWhole(this);
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

  @Override
  final void becameWritable() {
    if (events != null) {
      events.writable();
    }
  }

  @Override
  final void sentWhole() {
    if (inputEnded) {
      session.finishedIfWhole(this);
    } else {
      sentBeforeInput();
    }
  }

  /** Our message is whole, and the peer's is not. */
  protected void sentBeforeInput() {}

  /** Whether the peer may send so many bytes. */
  final boolean take(int bytes) {
    underway += bytes;
    return window.take(bytes);
  }

  final void data(ByteBuf data, boolean last) {
    if (length.add(data.readableBytes())) {
      dataRead(data, last);
    } else {
      data.release();
      malformed("a body longer than its content-length");
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
    if (last && !isGone()) {
      inputEnded();
    }
  }

  /** The peer reset it. */
  final void resetRead(long code) {
    leave();
    fail(failure(code));
    session.remove(this);
  }

  /** It left the connection; what it has not given back of the connection's window. */
  final int close() {
    leave();
    int left = underway;
    underway = 0;
    if (!(inputEnded && isSentWhole())) {
      fail(failure(null));
    }
    events = null;
    over();
    return left;
  }

  /** Breaks the stream with a code that tells the peer why. */
  protected final void reset(ErrorCode error) {
    if (!isGone()) {
      session.reset(this, error);
    }
  }

  @Override
  final void breakOff(ErrorCode code) {
    reset(code);
  }

  // === HttpStream ===

  @Override
  public void write(ByteBuf data) {
    if (isGone() || isOutputEnded()) {
      data.release();
      return;
    }
    moved = session.moved();
    queue(data);
  }

  @Override
  public void end(HttpHeaders trailers) {
    if (isGone() || isOutputEnded()) {
      return;
    }
    queueEnd(trailers.isEmpty() ? null : allowed(trailers));
  }

  private static @Nullable HttpHeaders allowed(HttpHeaders trailers) {
    HttpHeaders allowed = new DefaultHttpHeaders();
    HopByHop.copyTrailers(trailers, allowed);
    return allowed.isEmpty() ? null : allowed;
  }

  @Override
  public void flush() {
    session.output().flushSoon();
  }

  @Override
  public void consumed(int bytes) {
    if (bytes == 0 || isGone()) {
      return;
    }
    underway -= bytes;
    int grant = window.give(bytes);
    session.giveBack(this, inputEnded ? 0 : grant, bytes);
  }

  @Override
  public void reset() {
    events = null;
    if (!(inputEnded && isSentWhole())) {
      reset(ErrorCode.CANCEL);
    }
  }
}
