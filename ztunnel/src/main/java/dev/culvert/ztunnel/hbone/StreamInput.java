// SPDX-License-Identifier: Apache-2.0
package dev.culvert.ztunnel.hbone;

import dev.culvert.ztunnel.transport.Half;
import io.netty.buffer.ByteBuf;

/** What a stream's peer sends: bounded by the window, held while the other end takes no more. */
final class StreamInput {
  private final ReceiveWindow window;

  /** What came before the other end was there, or while it did not take more. */
  private Backlog held;

  private int unwritten;
  private boolean paused;
  private boolean unread;
  private boolean endTold;
  private boolean ended;

  StreamInput(int window) {
    this.window = new ReceiveWindow(window);
  }

  /** Whether the peer may send so much. */
  boolean take(int bytes) {
    unwritten += bytes;
    return !ended && window.take(bytes);
  }

  /** Bytes went on their way; what the stream's window gets now. */
  int written(int bytes) {
    unwritten -= bytes;
    return ended ? 0 : window.give(bytes);
  }

  /** Bytes that came and have not gone on. */
  int unwritten() {
    return unwritten;
  }

  int takeUnwritten() {
    int left = unwritten;
    unwritten = 0;
    return left;
  }

  void paused(boolean stop) {
    paused = stop;
  }

  boolean isPaused() {
    return paused;
  }

  /** Whether the peer said that it sends no more. */
  boolean isEnded() {
    return ended;
  }

  void ended() {
    ended = true;
  }

  void hold(ByteBuf data) {
    if (held == null) {
      held = new Backlog(0);
    }
    held.add(data);
  }

  boolean nothingHeld() {
    return held == null || held.isEmpty();
  }

  ByteBuf poll() {
    return held.poll();
  }

  /** Whether this is the first data of a batch; what it is told of when the batch is over. */
  boolean beginBatch() {
    boolean first = !unread;
    unread = true;
    return first;
  }

  void batchOver() {
    unread = false;
  }

  /** Tells the end once, behind the last byte. */
  void tellEnd(Half.Events events) {
    if (!endTold && events != null && nothingHeld()) {
      endTold = true;
      events.inputEnded();
    }
  }

  void drop() {
    if (held != null) {
      held.clear();
    }
  }
}
