// SPDX-License-Identifier: Apache-2.0
package dev.culvert.waypoint.http;

import dev.culvert.ztunnel.hbone.frame.FrameException;
import dev.culvert.ztunnel.hbone.frame.FrameWriter;
import dev.culvert.ztunnel.hbone.frame.SendWindow;
import dev.culvert.ztunnel.hbone.frame.Settings;
import io.netty.channel.ChannelHandlerContext;
import java.util.ArrayDeque;
import java.util.Queue;

/**
 * What an HTTP/2 connection sends: heads at once, bodies in turns, within the windows of the peer
 * and as far as the socket takes them. On the connection's event loop.
 */
final class Http2Output {
  /** So much is written before it is sent: more would fall out of the CPU's cache. */
  private static final int FLUSH_BYTES = 128 * 1024;

  /** What one stream may have waiting for its window and its turn. */
  private static final int SHARE_BYTES = 256 * 1024;

  /** From here on in sum, no stream that has something waiting gets more. */
  private static final int CROWDED_BYTES = 1024 * 1024;

  private final ChannelHandlerContext context;
  private final FrameWriter writer;
  private final SendWindow window = new SendWindow();
  private final Http2Block block = new Http2Block();
  private final Queue<Http2Sender> ready = new ArrayDeque<>();
  private final Runnable planned = this::plannedFlush;
  private int initialWindow = Settings.DEFAULT_WINDOW;
  private int maxFrame = Settings.DEFAULT_MAX_FRAME;
  private long pending;
  private boolean reading;
  private boolean flushes;
  private boolean pumping;

  Http2Output(ChannelHandlerContext context) {
    this.context = context;
    this.writer = new FrameWriter(context);
  }

  /** For frames that no window bounds; {@link #flushSoon} sends them. */
  FrameWriter writer() {
    return writer;
  }

  /** For the next head or trailers; {@link #headers} writes it. */
  Http2Block block() {
    return block;
  }

  /** HEADERS of what {@link #block} was filled with. */
  void headers(int stream, boolean last) throws FrameException {
    writer.headers(stream, block, last, maxFrame);
    block.clearBlock();
  }

  void maxFrame(int bytes) {
    maxFrame = bytes;
  }

  /** What a new stream may send before the peer says more. */
  int initialWindow() {
    return initialWindow;
  }

  void initialWindow(int bytes) {
    initialWindow = bytes;
  }

  /** What the peer takes on the connection. */
  SendWindow window() {
    return window;
  }

  /** Bytes more, or fewer, wait in the streams. */
  void pending(int bytes) {
    pending += bytes;
  }

  /** Whether anything could be sent now, as far as the connection goes. */
  boolean isOpen() {
    return window.isOpen() && context.channel().isWritable();
  }

  /** How much one stream may have waiting before its source is not read any more, bytes. */
  int share() {
    return pending < CROWDED_BYTES ? SHARE_BYTES : 0;
  }

  /** A stream may have something that can be sent. */
  void offer(Http2Sender stream) {
    if (!stream.isOffered() && stream.canSend()) {
      stream.offered(true);
      ready.add(stream);
    }
  }

  /** A batch of reads goes on, or not any more: what it led to is sent at its end. */
  void reading(boolean goesOn) {
    reading = goesOn;
    if (!goesOn && flushes) {
      flushes = false;
      flush();
    }
  }

  /**
   * Once all that is ready on this event loop was looked at: answers of many backends then share
   * TLS records and system calls.
   */
  void flushSoon() {
    if (!flushes) {
      flushes = true;
      if (!reading) {
        context.executor().execute(planned);
      }
    }
  }

  private void plannedFlush() {
    if (flushes && !reading) {
      flushes = false;
      flush();
    }
  }

  /** Sends what can be sent now. */
  void flush() {
    if (!pumping) {
      pumping = true;
      try {
        pump();
      } finally {
        pumping = false;
      }
      push();
    }
  }

  private void pump() {
    int unsent = 0;
    while (window.isOpen() && !ready.isEmpty() && context.channel().isWritable()) {
      unsent += turn(ready.poll());
      if (unsent >= FLUSH_BYTES) {
        unsent = 0;
        push();
      }
    }
    endsWithoutWindow();
  }

  private int turn(Http2Sender stream) {
    stream.offered(false);
    if (!stream.canSend()) {
      return 0;
    }
    int bytes = stream.send((int) Math.min(window.bytes(), maxFrame));
    window.sent(bytes, stream.pending() == 0);
    offer(stream);
    stream.sent();
    return bytes;
  }

  /** The end of a body needs no window (RFC 9113, section 6.9.1). */
  private void endsWithoutWindow() {
    if (!window.isOpen()) {
      for (int waiting = ready.size(); waiting > 0; waiting--) {
        Http2Sender stream = ready.remove();
        if (stream.pending() == 0) {
          turn(stream);
        } else {
          ready.add(stream);
        }
      }
    }
  }

  private void push() {
    writer.finish();
    context.flush();
  }

  void close() {
    ready.clear();
    writer.close();
  }
}
