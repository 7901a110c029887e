// SPDX-License-Identifier: Apache-2.0
package dev.culvert.ztunnel.transport;

import io.netty.buffer.ByteBuf;
import java.util.ArrayDeque;
import java.util.Queue;

/**
 * Data that waits, in its order. Where many small parts wait they are copied together: a byte in a
 * buffer of its own costs a kilobyte, and a peer or an app may send nothing but such bytes.
 */
public final class Backlog {
  /** A part of half of this or more stays as it is. */
  private static final int PIECE_BYTES = 16 * 1024;

  private static final int FIRST_BYTES = 512;

  private final Queue<ByteBuf> parts;
  private final int copiedFrom;
  private ByteBuf open;

  /**
   * Makes an empty one.
   *
   * @param copiedFrom parts that wait before further ones are copied together
   */
  public Backlog(int copiedFrom) {
    this.parts = new ArrayDeque<>(4);
    this.copiedFrom = copiedFrom;
  }

  /** Whether nothing waits. */
  public boolean isEmpty() {
    return parts.isEmpty();
  }

  /** How many buffers it holds. */
  public int size() {
    return parts.size();
  }

  /** Takes data, which it owns from now on. */
  public void add(ByteBuf data) {
    int bytes = data.readableBytes();
    if (parts.size() < copiedFrom || bytes >= PIECE_BYTES / 2) {
      open = null;
      parts.add(data);
      return;
    }
    if (open == null || open.maxWritableBytes() < bytes) {
      open = data.alloc().buffer(Math.max(bytes, FIRST_BYTES), PIECE_BYTES);
      parts.add(open);
    }
    open.writeBytes(data);
    data.release();
  }

  /** All of the first part, which the caller owns from now on. */
  public ByteBuf poll() {
    ByteBuf first = parts.poll();
    if (parts.isEmpty()) {
      open = null;
    }
    return first;
  }

  /** So much from the first part, or all of it; the caller owns it from now on. */
  public ByteBuf poll(int most) {
    ByteBuf first = parts.peek();
    if (first.readableBytes() <= most) {
      return poll();
    }
    if (parts.size() == 1) {
      // To write on into what is shared could move it.
      open = null;
    }
    return first.readRetainedSlice(most);
  }

  /** Releases all. */
  public void clear() {
    open = null;
    parts.forEach(ByteBuf::release);
    parts.clear();
  }
}
