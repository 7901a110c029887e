// SPDX-License-Identifier: Apache-2.0
package dev.culvert.ztunnel.transport;

import io.netty.buffer.ByteBuf;

/**
 * What one end of a connection sends, on its way to who takes it: in its order, held while nobody
 * is there or no more is taken, the end of it behind the last byte. On the end's event loop.
 */
public class HalfInput {
  private Half.Events taker;
  private Backlog held;
  private boolean paused;
  private boolean dropped;
  private boolean ended;
  private boolean endTold;

  /** Somebody takes what comes, and first what came until now. */
  public final void start(Half.Events events) {
    taker = events;
    deliver();
    tellEnd();
  }

  /**
   * Data came, which this owns from now on.
   *
   * @return whether it was delivered, and not held or dropped
   */
  public final boolean data(ByteBuf data) {
    if (dropped || !data.isReadable()) {
      data.release();
      return false;
    }
    if (taker == null || paused) {
      hold(data);
      return false;
    }
    taker.data(data);
    return true;
  }

  /** No more data comes in this turn of the loop. */
  public final void dataComplete() {
    if (taker != null && !dropped) {
      taker.dataComplete();
    }
  }

  /** No more follows. */
  public final void end() {
    ended = true;
    tellEnd();
  }

  /** Whether the end has been said, delivered or not. */
  public final boolean isEnded() {
    return ended;
  }

  /** Holds what comes from now on, or delivers it again. */
  public final void pause(boolean stop) {
    paused = stop;
    deliver();
  }

  /** Nothing is delivered any more: neither what is held, nor what comes, nor an end. */
  public final void drop() {
    dropped = true;
    if (held != null) {
      held.clear();
    }
  }

  /** Whether something waits to be delivered. */
  public final boolean holds() {
    return held != null && !held.isEmpty();
  }

  private void hold(ByteBuf data) {
    if (held == null) {
      held = new Backlog(0);
    }
    held.add(data);
  }

  private void deliver() {
    if (taker == null || paused || !holds()) {
      return;
    }
    while (!dropped && !paused && holds()) {
      taker.data(held.poll());
    }
    dataComplete();
    tellEnd();
  }

  private void tellEnd() {
    if (ended && !endTold && !dropped && taker != null && !holds()) {
      endTold = true;
      taker.inputEnded();
    }
  }
}
