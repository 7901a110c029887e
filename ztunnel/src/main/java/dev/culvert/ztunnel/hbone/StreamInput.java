// SPDX-License-Identifier: Apache-2.0
package dev.culvert.ztunnel.hbone;

import dev.culvert.ztunnel.hbone.frame.ReceiveWindow;
import dev.culvert.ztunnel.transport.HalfInput;

/** What a stream's peer sends: bounded by the window, which opens again by what goes on its way. */
final class StreamInput extends HalfInput {
  private final ReceiveWindow window;
  private int unwritten;
  private boolean unread;

  StreamInput(int window) {
    this.window = new ReceiveWindow(window);
  }

  /** Whether the peer may send so much. */
  boolean take(int bytes) {
    unwritten += bytes;
    return !isEnded() && window.take(bytes);
  }

  /** Bytes went on their way; what the stream's window gets now. */
  int written(int bytes) {
    unwritten -= bytes;
    return isEnded() ? 0 : window.give(bytes);
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

  /** Whether this is the first data of a batch; what it is told of when the batch is over. */
  boolean beginBatch() {
    boolean first = !unread;
    unread = true;
    return first;
  }

  void batchOver() {
    unread = false;
    dataComplete();
  }
}
