// SPDX-License-Identifier: Apache-2.0
package dev.culvert.ztunnel.hbone;

import dev.culvert.ztunnel.hbone.frame.FrameWriter;
import dev.culvert.ztunnel.transport.Half;
import io.netty.buffer.ByteBuf;

/** What a stream has to send: it waits for the peer's window and for the stream's turn. */
final class StreamOutput {
  /** More writes than an app makes between two flushes: the peer's window is closed. */
  private static final int COPIED_FROM = 64;

  private final Backlog queue = new Backlog(COPIED_FROM);
  private long window;
  private Half source;
  private int pending;
  private boolean blocked;
  private boolean offered;
  private boolean moved;
  private boolean ending;
  private boolean ended;

  StreamOutput(int window) {
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

  boolean isOffered() {
    return offered;
  }

  void offered(boolean waits) {
    offered = waits;
  }

  void add(ByteBuf data, Half from, TunnelOutput output) {
    source = from;
    addEarly(data, output);
    if (pending >= output.share()) {
      blocked = true;
    }
  }

  /** Of no source yet, and never so much that one would have to wait. */
  void addEarly(ByteBuf data, TunnelOutput output) {
    int bytes = data.readableBytes();
    pending += bytes;
    queue.add(data);
    output.queued(bytes);
  }

  /** No more follows. */
  void end() {
    ending = true;
  }

  /** The end needs not be sent. */
  void ended() {
    ended = true;
  }

  /** The peer takes so many bytes more, or fewer; false when that is more than can be. */
  boolean grow(long bytes) {
    window += bytes;
    return window <= Integer.MAX_VALUE;
  }

  boolean canSendData() {
    return pending > 0 && window > 0;
  }

  boolean canSendEnd() {
    return pending == 0 && ending && !ended;
  }

  /** Writes one DATA frame of at most so many bytes; how many it was. */
  int send(int id, FrameWriter writer, int most) {
    int bytes = (int) Math.min(Math.min(pending, most), Math.max(window, 0));
    boolean last = ending && bytes == pending;
    writer.data(id, bytes, last);
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
    return bytes;
  }

  /**
   * What {@link #send} wrote has left.
   *
   * @return whether the source may write again
   */
  boolean sent(int bytes, TunnelOutput output) {
    if (source != null && source.countsWritten()) {
      source.written(bytes);
    }
    boolean room = blocked && pending <= output.share() / 4;
    if (room) {
      blocked = false;
    }
    return room;
  }

  /** Whether data has waited since it was last asked, and none has left. */
  boolean isStuck() {
    boolean stuck = pending > 0 && !moved;
    moved = false;
    return stuck;
  }

  void drop(TunnelOutput output) {
    queue.clear();
    output.queued(-pending);
    pending = 0;
  }
}
