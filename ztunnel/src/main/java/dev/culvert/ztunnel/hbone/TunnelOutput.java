// SPDX-License-Identifier: Apache-2.0
package dev.culvert.ztunnel.hbone;

import dev.culvert.ztunnel.hbone.frame.FrameWriter;
import dev.culvert.ztunnel.hbone.frame.SendWindow;
import dev.culvert.ztunnel.hbone.frame.Settings;
import dev.culvert.ztunnel.transport.WholePacket;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelHandlerContext;
import io.netty.util.AsciiString;
import java.util.ArrayDeque;
import java.util.Queue;

/**
 * What a tunnel sends: streams take turns, within the windows of the peer and as far as the socket
 * takes it. On the tunnel's event loop.
 */
final class TunnelOutput {
  /** A stream's turn: a few TLS records. */
  static final int TURN_BYTES = WholePacket.BYTES;

  /**
   * So much is encrypted and sent at a time, two such packets: more would fall out of the CPU's
   * cache.
   */
  static final int FLUSH_BYTES = 2 * TURN_BYTES;

  /** What one stream may have waiting for the peer's window before its source is not read. */
  private static final int SHARE_BYTES = 512 * 1024;

  /** From here on in sum, a stream's share is a turn: what waits would only leave the caches. */
  private static final int CROWDED_BYTES = 1024 * 1024;

  /** With 4, 35,000 requests a second on two cores; with 1 and with 16, 32,000. */
  private static final int GATHERED_FLUSHES = 4;

  private final ChannelHandlerContext context;
  private final FrameWriter writer;
  private final SendWindow window = new SendWindow();
  private final Queue<StreamOutput> ready = new ArrayDeque<>();
  private final Runnable planned = this::plannedFlush;
  private int initialWindow = Settings.DEFAULT_WINDOW;
  private int maxFrame = Settings.DEFAULT_MAX_FRAME;
  private int waiting;
  private int asked;
  private boolean isPlanned;
  private boolean pumping;
  private boolean leaving;

  TunnelOutput(ChannelHandlerContext context) {
    this.context = context;
    this.writer =
        new FrameWriter(
            context, AsciiString.cached("forwarded"), AsciiString.cached("traceparent"));
  }

  /** For frames that no window bounds; {@link #flushSoon} sends them. */
  FrameWriter writer() {
    return writer;
  }

  /** The longest frame that the peer takes. */
  int maxFrame() {
    return maxFrame;
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
  void queued(int bytes) {
    waiting += bytes;
  }

  /** How much one stream may have waiting now, bytes. */
  int share() {
    return waiting < CROWDED_BYTES ? SHARE_BYTES : TURN_BYTES;
  }

  /**
   * Whether what a stream had to say would wait for others: for the peer's window, which streams
   * whose own window is used up as well have taken without waiting themselves, or for the socket.
   */
  boolean isCongested() {
    return !window.isOpen() || (!ready.isEmpty() && !context.channel().isWritable());
  }

  /** A stream may have something that can be sent. */
  void offer(StreamOutput stream) {
    if (!stream.isOffered() && stream.canSend()) {
      stream.offered(true);
      ready.add(stream);
    }
  }

  /**
   * Sends once all that is ready on this event loop was looked at: many short messages of many
   * streams then share TLS records and system calls. Not more than a few of them wait for each
   * other, so that the peer works on the first while the last are read.
   */
  void flushSoon() {
    asked++;
    if (asked >= GATHERED_FLUSHES && !pumping) {
      flush();
    } else if (!isPlanned) {
      isPlanned = true;
      context.executor().execute(planned);
    }
  }

  private void plannedFlush() {
    isPlanned = false;
    if (asked > 0) {
      flush();
    }
  }

  /** Sends what can be sent now. */
  void flush() {
    if (!pumping) {
      pumping = true;
      asked = 0;
      try {
        pump();
      } finally {
        pumping = false;
      }
      push();
      if (leaving) {
        leave();
      }
    }
  }

  /** Closes the connection once all that was written is on its way; also from within a flush. */
  void closeWhenSent() {
    leaving = true;
    flush();
  }

  /** Not by a close alone: it would not wait for a peer that reads slowly. */
  private void leave() {
    context.writeAndFlush(Unpooled.EMPTY_BUFFER).addListener(ChannelFutureListener.CLOSE);
  }

  private void pump() {
    int unsent = 0;
    while (window.isOpen() && !ready.isEmpty() && context.channel().isWritable()) {
      StreamOutput stream = ready.poll();
      stream.offered(false);
      if (stream.canSend()) {
        unsent += turn(stream);
        offer(stream);
      }
      if (unsent >= FLUSH_BYTES) {
        unsent = 0;
        push();
      }
    }
  }

  private int turn(StreamOutput stream) {
    int turn = ready.isEmpty() ? FLUSH_BYTES : TURN_BYTES;
    int most = (int) Math.min(window.bytes(), Math.min(turn, maxFrame));
    int bytes = stream.send(writer, most);
    window.sent(bytes, stream.pending() == 0);
    stream.sent(bytes);
    return bytes;
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
