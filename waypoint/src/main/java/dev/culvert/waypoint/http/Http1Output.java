// SPDX-License-Identifier: Apache-2.0
package dev.culvert.waypoint.http;

import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandlerContext;
import io.netty.handler.codec.http.DefaultHttpHeaders;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaderValues;
import io.netty.handler.codec.http.HttpHeaders;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.HttpResponse;
import io.netty.util.concurrent.FastThreadLocal;
import org.jspecify.annotations.Nullable;

/**
 * Messages of HTTP/1.1 on their way out. What is small is gathered in one buffer until it is
 * flushed, so that a head and a short body are one write of one piece. On the connection's event
 * loop.
 */
public final class Http1Output {
  /** How the body of the message under way says where it ends (RFC 9112, section 6). */
  private enum Body {
    /** There is none. */
    NONE,
    /** By a length or by the end of the connection; or what is written is no HTTP. */
    PLAIN,
    CHUNKED
  }

  private static final FastThreadLocal<Http1Head> HEADS =
      new FastThreadLocal<>() {
        @Override
        protected Http1Head initialValue() {
          return new Http1Head();
        }
      };

  private static final int ROOM = 1024;

  /** What is longer is not copied. */
  private static final int SMALL = 1024;

  /** 8 hex digits, and the end of their line. */
  private static final int CHUNK_HEAD = 10;

  private final ChannelHandlerContext ctx;
  private @Nullable ByteBuf gathered;
  private Body body = Body.PLAIN;
  private boolean closed;

  /**
   * @param ctx of the handler that writes; what is before it in the pipeline gets bytes
   */
  public Http1Output(ChannelHandlerContext ctx) {
    this.ctx = ctx;
  }

  /** Begins a request, whose head says how its body ends. */
  public void begin(HttpRequest head) {
    Http1Head text = HEADS.get();
    text.write(head);
    put(text);
    body = framing(head.headers());
  }

  /**
   * Begins a response.
   *
   * @param bodyless whether it has no body whatever its head says, as one to HEAD
   */
  public void begin(HttpResponse head, boolean bodyless) {
    int status = head.status().code();
    if (status < 200 || status == 204 || status == 205) {
      withoutBody(status, head.headers());
    }
    Http1Head text = HEADS.get();
    text.write(head);
    put(text);
    boolean none = bodyless || status < 200 || status == 204 || status == 205 || status == 304;
    body = none ? Body.NONE : framing(head.headers());
  }

  /** Its head must not say that there is one (RFC 9110, sections 8.6 and 15.3.6). */
  private static void withoutBody(int status, HttpHeaders headers) {
    headers.remove(HttpHeaderNames.TRANSFER_ENCODING);
    if (status == 205) {
      headers.set(HttpHeaderNames.CONTENT_LENGTH, HttpHeaderValues.ZERO);
    } else {
      headers.remove(HttpHeaderNames.CONTENT_LENGTH);
    }
  }

  private static Body framing(HttpHeaders headers) {
    return headers.contains(HttpHeaderNames.TRANSFER_ENCODING) ? Body.CHUNKED : Body.PLAIN;
  }

  /** From now on bytes are written as they are. */
  public void speakBytes() {
    body = Body.PLAIN;
  }

  /** Queues a part of the body, which is the output's now. */
  public void data(ByteBuf data) {
    if (closed || body == Body.NONE || !data.isReadable()) {
      data.release();
    } else if (body == Body.CHUNKED) {
      chunk(data);
    } else {
      bytes(data);
    }
  }

  private void chunk(ByteBuf data) {
    ByteBuf to = room(CHUNK_HEAD);
    String size = Integer.toHexString(data.readableBytes());
    for (int i = 0; i < size.length(); i++) {
      to.writeByte(size.charAt(i));
    }
    line(to);
    bytes(data);
    line(room(2));
  }

  private static void line(ByteBuf to) {
    to.writeByte('\r').writeByte('\n');
  }

  private void bytes(ByteBuf data) {
    if (data.readableBytes() <= SMALL) {
      room(data.readableBytes()).writeBytes(data);
      data.release();
    } else {
      pass();
      var _ = ctx.write(data, ctx.voidPromise());
    }
  }

  /** Ends the message; trailers go where the body is in chunks. */
  public void end(HttpHeaders trailers) {
    if (body == Body.CHUNKED) {
      Http1Head text = HEADS.get();
      text.writeEnd(trailers.isEmpty() ? trailers : passedOn(trailers));
      put(text);
    }
    body = Body.PLAIN;
  }

  private static HttpHeaders passedOn(HttpHeaders trailers) {
    HttpHeaders passed = new DefaultHttpHeaders();
    HopByHop.copyTrailers(trailers, passed);
    return passed;
  }

  private void put(Http1Head text) {
    if (closed) {
      return;
    }
    room(text.length()).writeBytes(text.array(), 0, text.length());
  }

  /** With so much left, without making it longer where that would copy it. */
  private ByteBuf room(int bytes) {
    if (gathered != null && gathered.writableBytes() < bytes) {
      pass();
    }
    ByteBuf to = gathered;
    if (to == null) {
      to = ctx.alloc().buffer(Math.max(ROOM, bytes));
      gathered = to;
    }
    return to;
  }

  /** Whatever is written now comes after all that was queued. */
  public void pass() {
    ByteBuf all = gathered;
    if (all != null) {
      gathered = null;
      var _ = ctx.write(all, ctx.voidPromise());
    }
  }

  /** Sends what was queued. */
  public void flush() {
    pass();
    ctx.flush();
  }

  /** Nothing more is sent, nor what was not flushed. */
  public void close() {
    closed = true;
    ByteBuf all = gathered;
    if (all != null) {
      gathered = null;
      all.release();
    }
  }
}
