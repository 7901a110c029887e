// SPDX-License-Identifier: Apache-2.0
package dev.culvert.ztunnel.hbone;

import dev.culvert.ztunnel.hbone.frame.FrameWriter;
import dev.culvert.ztunnel.transport.Backlog;
import dev.culvert.ztunnel.transport.Half;
import io.netty.buffer.ByteBuf;

/** What a stream has to send: it waits for the peer's window and for the stream's turn. */
final class StreamOutput {
  /** More writes than an app makes between two flushes: the peer's window is closed. */
  private static final int COPIED_FROM = 64;

  private final HboneStream stream;
  private final TunnelOutput tunnel;
  private final Backlog queue = new Backlog(COPIED_FROM);
  private long window;
  private Half source;
  private int pending;
  private boolean blocked;
  private boolean offered;
  private boolean moved;
  private boolean ending;
  private boolean ended;
  private boolean closed;

  /**
   * @param window bytes that the peer takes before it says more
   */
  StreamOutput(HboneStream stream, TunnelOutput tunnel, int window) {
    this.stream = stream;
    this.tunnel = tunnel;
    this.window = window;
  }

  /** Bytes that wait. */
  int pending() {
    return pending;
  }

  /** Whether the app said that no more follows. */
  boolean isEnding() {
    return ending;
  }

  /** Whether the end has been sent, or needs not be. */
  boolean isEnded() {
    return ended;
  }

  /** Whether the source is to write no more for now. */
  boolean isBlocked() {
    return blocked;
  }

  /** Whether it waits for its turn. */
  boolean isOffered() {
    return offered;
  }

  void offered(boolean waits) {
    offered = waits;
  }

  void write(ByteBuf data, Half from) {
    source = from;
    writeEarly(data);
    if (pending >= tunnel.share()) {
      blocked = true;
    }
  }

  /** Of no source yet, and never so much that one would have to wait. */
  void writeEarly(ByteBuf data) {
    int bytes = data.readableBytes();
    pending += bytes;
    queue.add(data);
    tunnel.queued(bytes);
    tunnel.offer(this);
  }

  /** No more follows. */
  void end() {
    ending = true;
    tunnel.offer(this);
  }

  /** The end needs not be sent. */
  void endUnsent() {
    ending = true;
    ended = true;
  }

  /** The peer takes so many bytes more, or fewer; false when that is more than can be. */
  boolean grow(long bytes) {
    window += bytes;
    tunnel.offer(this);
    return window <= Integer.MAX_VALUE;
  }

  boolean canSend() {
    return !closed && (pending > 0 ? window > 0 : ending && !ended);
  }

  /** Writes one DATA frame of at most so many bytes; how many it was. */
  int send(FrameWriter writer, int most) {
    int bytes = (int) Math.min(Math.min(pending, most), Math.max(window, 0));
    boolean last = ending && bytes == pending;
    writer.data(stream.id(), bytes, last);
    int left = bytes;
    while (left > 0) {
      ByteBuf part = queue.poll(left);
      left -= part.readableBytes();
      writer.payload(part);
    }
    moved = true;
    pending -= bytes;
    window -= bytes;
    ended = last;
    tunnel.queued(-bytes);
    return bytes;
  }

  /** What {@link #send} wrote has left: tells those who wait for that. */
  void sent(int bytes) {
    if (source != null && source.countsWritten()) {
      source.written(bytes);
    }
    if (blocked && pending <= tunnel.share() / 4) {
      blocked = false;
      stream.roomMade();
    }
    if (ended) {
      stream.lastSent();
    }
  }

  /** Whether data has waited since it was last asked, and none has left. */
  boolean isStuck() {
    boolean stuck = pending > 0 && !moved;
    moved = false;
    return stuck;
  }

  /** The stream left the tunnel: nothing of it is sent any more. */
  void close() {
    closed = true;
  }

  void drop() {
    closed = true;
    queue.clear();
    tunnel.queued(-pending);
    pending = 0;
  }
}
