// SPDX-License-Identifier: Apache-2.0
package dev.culvert.waypoint.exchange;

import dev.culvert.waypoint.http.HttpStream;
import io.netty.buffer.ByteBuf;
import io.netty.handler.codec.http.HttpHeaders;
import java.util.ArrayDeque;
import java.util.Deque;
import org.jspecify.annotations.Nullable;

/**
 * What came of a body before anybody takes it. Its bound is the client's stream, which is told of
 * nothing consumed. On its event loop.
 */
public final class WaitingBody {
  private @Nullable Deque<ByteBuf> parts;
  private @Nullable HttpHeaders trailers;

  /** Keeps a part. */
  public void add(ByteBuf data) {
    if (parts == null) {
      parts = new ArrayDeque<>(4);
    }
    parts.add(data);
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
    while (parts != null && !parts.isEmpty()) {
      taker.data(parts.poll());
    }
    if (trailers != null) {
      HttpHeaders last = trailers;
      trailers = null;
      taker.ended(last);
    }
  }

  /** Gives everything up. */
  public void release() {
    while (parts != null && !parts.isEmpty()) {
      parts.poll().release();
    }
  }
}
