// SPDX-License-Identifier: Apache-2.0
package dev.culvert.waypoint.trace;

import java.util.ArrayDeque;
import java.util.Deque;
import org.jspecify.annotations.Nullable;

/**
 * The spans of one thread, until they are collected. The lock is that thread's but for the moments
 * in which some are taken away, and nothing that takes long is done under it.
 */
final class SpanLane {
  private static final int ROOM = 16 * 1024;

  /** A part of a batch. */
  private static final int PART = 128;

  private static final int PART_BYTES = 128 * 1024;

  /** That are kept, empty, for those to come. */
  private static final int SPARE = 4;

  private final Deque<SpanText> parts = new ArrayDeque<>();
  private final Deque<SpanText> spare = new ArrayDeque<>();

  synchronized void add(EndedHop ended) {
    SpanText last = parts.peekLast();
    if (last == null || last.count() >= PART || last.length() >= PART_BYTES) {
      SpanText free = spare.poll();
      last = free == null ? new SpanText(ROOM) : free;
      parts.addLast(last);
    }
    last.add(ended);
  }

  /** Takes away those that wait longest; null when none wait. */
  synchronized @Nullable SpanText take() {
    return parts.pollFirst();
  }

  /** These were sent, and are room for others. */
  void giveBack(SpanText sent) {
    sent.clear();
    synchronized (this) {
      if (spare.size() < SPARE) {
        spare.addLast(sent);
      }
    }
  }
}
