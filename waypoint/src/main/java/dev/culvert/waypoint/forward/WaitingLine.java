// SPDX-License-Identifier: Apache-2.0
package dev.culvert.waypoint.forward;

import dev.culvert.waypoint.plan.Bounds;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Requests that wait for a connection to one endpoint. On its event loop. */
final class WaitingLine {
  private final Deque<StreamWaiter> waiting = new ArrayDeque<>();
  private final Bounds bounds;
  private final int most;

  /**
   * @param bounds of the destination
   * @param most of this endpoint and event loop
   */
  WaitingLine(Bounds bounds, int most) {
    this.bounds = bounds;
    this.most = most;
  }

  /** Whether there was a place. */
  boolean add(StreamWaiter waiter) {
    if (waiting.size() >= most || !bounds.takePlace()) {
      return false;
    }
    waiting.add(waiter);
    return true;
  }

  /** Who waits longest and still does, or null. */
  @Nullable StreamWaiter poll() {
    StreamWaiter next = waiting.poll();
    while (next != null) {
      bounds.givePlace();
      if (!next.isGone()) {
        return next;
      }
      next = waiting.poll();
    }
    return null;
  }

  /** All who still wait. */
  List<StreamWaiter> pollAll() {
    List<StreamWaiter> all = new ArrayList<>();
    for (StreamWaiter next = poll(); next != null; next = poll()) {
      all.add(next);
    }
    return all;
  }

  int size() {
    return waiting.size();
  }

  boolean isEmpty() {
    return waiting.isEmpty();
  }
}
