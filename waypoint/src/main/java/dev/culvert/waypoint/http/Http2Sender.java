// SPDX-License-Identifier: Apache-2.0
package dev.culvert.waypoint.http;

import dev.culvert.ztunnel.hbone.frame.ErrorCode;
import dev.culvert.ztunnel.hbone.frame.FrameException;
import dev.culvert.ztunnel.hbone.frame.FrameWriter;
import dev.culvert.ztunnel.transport.Backlog;
import io.netty.buffer.ByteBuf;
import io.netty.handler.codec.http.HttpHeaders;
import org.jspecify.annotations.Nullable;

/**
 * What a stream has to send: its body waits for the peer's window and for the stream's turn, its
 * trailers for the body. On the connection's event loop.
 */
abstract class Http2Sender {
  /** More writes than there are between two flushes: the peer's window is closed. */
  private static final int COPIED_FROM = 64;

  private final int id;
  private final Http2Output output;
  private @Nullable ByteBuf first;
  private @Nullable Backlog rest;
  private @Nullable HttpHeaders trailers;
  private long window;
  private int pending;
  private boolean offered;
  private boolean blocked;
  private boolean ending;
  private boolean ended;
  private boolean gone;

  Http2Sender(int id, Http2Output output) {
    this.id = id;
    this.output = output;
    this.window = output.initialWindow();
  }

  /** More can be written after {@link #isWritable} was false. */
  abstract void becameWritable();

  /** Our message is whole, and on its way. */
  abstract void sentWhole();

  /** The stream cannot go on. */
  abstract void breakOff(ErrorCode code);

  /** The stream's number. */
  protected final int id() {
    return id;
  }

  /** Bytes that wait. */
  final int pending() {
    return pending;
  }

  /** Whether nothing can be added to our message. */
  protected final boolean isOutputEnded() {
    return ending;
  }

  final boolean isGone() {
    return gone;
  }

  /** Whether it waits for its turn. */
  final boolean isOffered() {
    return offered;
  }

  final void offered(boolean waits) {
    offered = waits;
  }

  /** Sends headers that begin our message, or are all of it; nothing of the body waits yet. */
  final void sendHead(boolean last) {
    try {
      output.headers(id, last);
    } catch (FrameException e) {
      breakOff(e.code());
      return;
    }
    if (last) {
      ending = true;
      ended = true;
      sentWhole();
    }
  }

  final void queue(ByteBuf data) {
    int bytes = data.readableBytes();
    if (bytes == 0) {
      data.release();
      return;
    }
    if (first == null && rest == null) {
      first = data;
    } else {
      if (rest == null) {
        rest = new Backlog(COPIED_FROM);
      }
      rest.add(data);
    }
    pending += bytes;
    output.pending(bytes);
    output.offer(this);
  }

  /**
   * No more follows.
   *
   * @param last trailers; null for none
   */
  final void queueEnd(@Nullable HttpHeaders last) {
    ending = true;
    trailers = last;
    output.offer(this);
  }

  /** The peer takes so many bytes more, or fewer; false when that is more than can be. */
  final boolean grow(long bytes) {
    window += bytes;
    output.offer(this);
    return window <= Integer.MAX_VALUE;
  }

  final boolean canSend() {
    return !gone && (pending > 0 ? window > 0 : ending && !ended);
  }

  /** Writes one frame of at most so many bytes of the body, or its end; how many it was. */
  final int send(int most) {
    int bytes = (int) Math.max(0, Math.min(Math.min(pending, most), window));
    boolean whole = ending && bytes == pending;
    boolean last = whole && trailers == null;
    if (bytes > 0 || last) {
      FrameWriter writer = output.writer();
      writer.data(id, bytes, last);
      int left = bytes;
      while (left > 0) {
        ByteBuf part = poll(left);
        left -= part.readableBytes();
        writer.payload(part);
      }
    }
    pending -= bytes;
    window -= bytes;
    output.pending(-bytes);
    ended = whole;
    return bytes;
  }

  private ByteBuf poll(int most) {
    if (first == null) {
      return rest.poll(most);
    }
    if (first.readableBytes() > most) {
      return first.readRetainedSlice(most);
    }
    ByteBuf all = first;
    first = null;
    return all;
  }

  /** What {@link #send} wrote has left: tells those who wait for that. */
  final void sent() {
    if (gone) {
      return;
    }
    if (ended) {
      sendTrailers();
    }
    if (ended && !gone) {
      sentWhole();
    } else {
      wake();
    }
  }

  private void sendTrailers() {
    if (trailers != null) {
      output.block().trailers(trailers);
      trailers = null;
      try {
        output.headers(id, true);
      } catch (FrameException e) {
        breakOff(e.code());
      }
    }
  }

  /** Whether our message is whole, and on its way. */
  protected final boolean isSentWhole() {
    return ended;
  }

  /** Whether a writer should go on; {@link #becameWritable} follows after false. */
  public final boolean isWritable() {
    boolean writable = !gone && window > pending && pending <= output.share() && output.isOpen();
    blocked = !writable;
    return writable;
  }

  /** Tells a writer that waits, if it can go on. */
  final void wake() {
    if (blocked && !gone && isWritable()) {
      becameWritable();
    }
  }

  /** The stream left the connection: nothing of it is sent any more. */
  final void leave() {
    gone = true;
    if (first != null) {
      first.release();
      first = null;
    }
    if (rest != null) {
      rest.clear();
    }
    output.pending(-pending);
    pending = 0;
  }
}
