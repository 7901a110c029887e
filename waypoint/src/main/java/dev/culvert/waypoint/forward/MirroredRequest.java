// SPDX-License-Identifier: Apache-2.0
package dev.culvert.waypoint.forward;

import dev.culvert.waypoint.exchange.Exchange;
import dev.culvert.waypoint.exchange.WaitingBody;
import dev.culvert.waypoint.http.HttpStream;
import dev.culvert.waypoint.http.StreamFailure;
import io.netty.buffer.ByteBuf;
import io.netty.handler.codec.http.DefaultHttpRequest;
import io.netty.handler.codec.http.HttpHeaders;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.HttpResponse;
import org.jspecify.annotations.Nullable;

/**
 * A copy of a request, whose answer counts for nothing (Gateway API, HTTPRequestMirrorFilter). It
 * never holds the request up: a mirror that does not take a body as fast as it comes loses it. On
 * its event loop.
 */
final class MirroredRequest implements StreamWaiter {
  /** As much of a body as may wait for the mirror. */
  private static final int MOST_WAITING = 256 * 1024;

  private static final int LEAST = 256;

  private final HttpRequest head;
  private final boolean bodyless;
  private final WaitingBody waiting = new WaitingBody();
  private @Nullable BackendStream stream;
  private int held;
  private boolean over;

  MirroredRequest(Exchange exchange) {
    HttpRequest asked = exchange.head();
    this.head =
        new DefaultHttpRequest(
            asked.protocolVersion(), asked.method(), asked.uri(), asked.headers().copy());
    this.bodyless = exchange.isBodyless();
  }

  // === the pool's answer ===

  @Override
  public void ready(BackendStream opened) {
    stream = opened;
    opened.send(head, bodyless, new Answer());
    if (!bodyless) {
      waiting.pour(new Waited());
    }
    opened.flush();
  }

  @Override
  public void refused(StreamFailure failure) {
    finish();
  }

  @Override
  public boolean isGone() {
    return over;
  }

  // === the client's body ===

  void data(ByteBuf data) {
    if (over) {
      data.release();
    } else if (held > MOST_WAITING) {
      data.release();
      cancel();
    } else if (stream == null) {
      held += cost(data);
      waiting.add(data);
    } else {
      write(data);
    }
  }

  private void write(ByteBuf data) {
    int bytes = cost(data);
    stream.write(data);
    held = stream.isWritable() ? 0 : held + bytes;
  }

  /** What a part takes of memory, were it a single byte. */
  private static int cost(ByteBuf part) {
    return Math.max(part.readableBytes(), LEAST);
  }

  void ended(HttpHeaders trailers) {
    if (over || bodyless) {
      return;
    }
    if (stream == null) {
      waiting.end(trailers);
    } else {
      stream.end(trailers);
    }
  }

  void dataComplete() {
    if (!over && stream != null) {
      stream.flush();
    }
  }

  /** Nobody asks for it any more. */
  void cancel() {
    boolean runs = !over;
    finish();
    if (runs && stream != null) {
      stream.reset();
    }
  }

  private void finish() {
    over = true;
    waiting.release();
  }

  /** What the mirror answers is read, so that its connection can be used again, and dropped. */
  private final class Answer implements BackendStream.Events {
    @Override
    public void response(HttpResponse response) {}

    @Override
    public void data(ByteBuf data) {
      int bytes = data.readableBytes();
      data.release();
      stream.consumed(bytes);
    }

    @Override
    public void ended(HttpHeaders trailers) {
      finish();
    }

    @Override
    public void dataComplete() {}

    @Override
    public void writable() {
      held = 0;
    }

    @Override
    public void failed(StreamFailure failure) {
      finish();
    }
  }

  /** What waited goes on as if it came now. */
  private final class Waited implements HttpStream.Events {
    @Override
    public void data(ByteBuf data) {
      write(data);
    }

    @Override
    public void ended(HttpHeaders trailers) {
      stream.end(trailers);
    }

    @Override
    public void dataComplete() {}

    @Override
    public void writable() {}

    @Override
    public void failed(StreamFailure failure) {}
  }
}
