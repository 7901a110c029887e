// SPDX-License-Identifier: Apache-2.0
package dev.culvert.waypoint.exchange;

import dev.culvert.waypoint.http.HttpStream;
import io.netty.buffer.ByteBuf;
import io.netty.handler.codec.http.HttpHeaders;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What came of a body before anybody takes it. Its bound is the client's stream, which is told of
 * nothing consumed. On its event loop.
 */
public final class WaitingBody {
  /** What is as long as this waits as it is; memory follows bytes, and not parts. */
  private static final int SMALL = 1024;

  private static final int TOGETHER = 8 * 1024;

  private @Nullable Deque<ByteBuf> parts;
  private @Nullable ByteBuf together;
  private @Nullable HttpHeaders trailers;
  private int bytes;

  /** Keeps a part; behind the first one, small ones are copied together. */
  public void add(ByteBuf data) {
    if (parts == null) {
      parts = new ArrayDeque<>(4);
    }
    bytes += data.readableBytes();
    if (parts.isEmpty() || data.readableBytes() >= SMALL) {
      together = null;
      parts.add(data);
    } else {
      join(data);
    }
  }

  private void join(ByteBuf small) {
    if (together == null || together.writableBytes() < small.readableBytes()) {
      together = small.alloc().buffer(TOGETHER);
      parts.add(together);
    }
    together.writeBytes(small);
    small.release();
  }

  /** How much waits. */
  int bytes() {
    return bytes;
  }

  /** The beginning of what waits, which goes on waiting. */
  byte[] copy(int most) {
    byte[] copy = new byte[Math.min(bytes, most)];
    int at = 0;
    for (ByteBuf part : parts == null ? List.<ByteBuf>of() : parts) {
      int length = Math.min(part.readableBytes(), copy.length - at);
      part.getBytes(part.readerIndex(), copy, at, length);
      at += length;
    }
    return copy;
  }

  /** The body is whole. */
  public void end(HttpHeaders last) {
    trailers = last;
  }

  /** Whether nothing came but, perhaps, the end. */
  public boolean isEmpty() {
    return parts == null || parts.isEmpty();
  }

  /** Gives everything on. */
  public void pour(HttpStream.Events taker) {
    together = null;
    while (parts != null && !parts.isEmpty()) {
      ByteBuf next = parts.poll();
      bytes -= next.readableBytes();
      taker.data(next);
    }
    if (trailers != null) {
      HttpHeaders last = trailers;
      trailers = null;
      taker.ended(last);
    }
  }

  /** Gives everything up. */
  public void release() {
    together = null;
    while (parts != null && !parts.isEmpty()) {
      parts.poll().release();
    }
    bytes = 0;
  }
}
