// SPDX-License-Identifier: Apache-2.0
package dev.culvert.ztunnel.hbone;

import dev.culvert.ztunnel.hbone.frame.ErrorCode;
import dev.culvert.ztunnel.hbone.frame.FrameWriter;
import dev.culvert.ztunnel.telemetry.TlsSession;
import dev.culvert.ztunnel.transport.Half;
import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import java.io.IOException;
import java.util.ArrayDeque;
import java.util.Optional;
import java.util.Queue;

/** One CONNECT, as an end of a connection. Its bytes ahead are bounded by the HTTP/2 windows. */
public final class HboneStream implements Half {
  /** So much is worth a system call of its own. */
  private static final int FLUSH_BYTES = 64 * 1024;

  private final TunnelHandler tunnel;
  private final int id;
  private final ReceiveWindow receiveWindow;
  private final Queue<ByteBuf> queue = new ArrayDeque<>(4);
  private long sendWindow;
  private Queue<ByteBuf> early = new ArrayDeque<>(0);
  private ClientTunnel.Answer answer;
  private Events events;
  private Half source;
  private Throwable failure;
  private int pending;
  private int unwritten;
  private boolean blocked;
  private boolean unread;
  private boolean offered;
  private boolean inputEnded;
  private boolean outputEnding;
  private boolean outputEnded;
  private boolean peerLeft;
  private boolean gone;

  HboneStream(TunnelHandler tunnel, int id, int receiveWindow, int sendWindow) {
    this.tunnel = tunnel;
    this.id = id;
    this.receiveWindow = new ReceiveWindow(receiveWindow);
    this.sendWindow = sendWindow;
  }

  int id() {
    return id;
  }

  /** Whether the stream is gone; writes to it lead nowhere. */
  public boolean isBroken() {
    return failure != null;
  }

  /** The connection that it is in. */
  Channel channel() {
    return tunnel.context().channel();
  }

  /** What protects the tunnel it is in. */
  public Optional<TlsSession> tls() {
    return TlsSessions.of(tunnel.context().channel());
  }

  /** Who waits for the peer's answer. */
  void await(ClientTunnel.Answer waiting) {
    answer = waiting;
  }

  /** The same, once; null when the peer has answered. */
  ClientTunnel.Answer takeAnswer() {
    ClientTunnel.Answer waiting = answer;
    answer = null;
    return waiting;
  }

  @Override
  public void start(Events events) {
    this.events = events;
    Queue<ByteBuf> waiting = early;
    early = null;
    boolean any = !waiting.isEmpty();
    waiting.forEach(events::data);
    if (any) {
      events.dataComplete();
    }
    if (failure != null) {
      events.failed(failure);
    } else if (inputEnded) {
      events.inputEnded();
    }
  }

  @Override
  public void write(ByteBuf data, Half from) {
    if (failure != null || outputEnding || !data.isReadable()) {
      data.release();
      return;
    }
    if (peerLeft) {
      data.release();
      fail(new IOException("the peer takes no more data"));
      return;
    }
    source = from;
    int bytes = data.readableBytes();
    pending += bytes;
    queue.add(data);
    tunnel.output().queued(bytes);
    if (pending >= tunnel.output().share()) {
      blocked = true;
    }
    tunnel.output().offer(this);
  }

  @Override
  public void flush() {
    if (pending >= FLUSH_BYTES) {
      tunnel.flushNow();
    } else {
      tunnel.flushSoon();
    }
  }

  boolean isOffered() {
    return offered;
  }

  void offered(boolean waits) {
    offered = waits;
  }

  boolean canSend() {
    if (gone) {
      return false;
    }
    return pending > 0 ? sendWindow > 0 : outputEnding && !outputEnded && failure == null;
  }

  /** Writes one DATA frame of at most so many bytes; how many it was. */
  int send(FrameWriter writer, int most) {
    int bytes = (int) Math.min(Math.min(pending, most), Math.max(sendWindow, 0));
    boolean last = outputEnding && bytes == pending;
    writer.data(id, bytes, last);
    int left = bytes;
    while (left > 0) {
      ByteBuf first = queue.peek();
      int part = Math.min(left, first.readableBytes());
      boolean whole = part == first.readableBytes();
      writer.payload(whole ? queue.poll() : first.readRetainedSlice(part));
      left -= part;
    }
    pending -= bytes;
    tunnel.output().queued(-bytes);
    sendWindow -= bytes;
    outputEnded = last;
    return bytes;
  }

  /** What {@link #send} wrote has left: tells those who wait for that. */
  void sent(int bytes) {
    if (source != null && source.countsWritten()) {
      source.written(bytes);
    }
    if (blocked && pending <= tunnel.output().share() / 4) {
      blocked = false;
      if (failure == null) {
        events.writable();
      }
    }
    if (outputEnded && failure == null) {
      events.outputEnded();
      finishWhenBothEnded();
    }
  }

  /** The peer takes so many bytes more, or fewer; false when that is more than can be. */
  boolean grow(long bytes) {
    sendWindow += bytes;
    tunnel.output().offer(this);
    return sendWindow <= Integer.MAX_VALUE;
  }

  @Override
  public boolean isWritable() {
    return !blocked;
  }

  /** The peer stops by itself when its window is used up. */
  @Override
  public void readable(boolean wanted) {}

  @Override
  public boolean countsWritten() {
    return true;
  }

  @Override
  public void written(int bytes) {
    if (gone) {
      return;
    }
    unwritten -= bytes;
    tunnel.returnWindow(this, inputEnded ? 0 : receiveWindow.give(bytes), bytes);
  }

  @Override
  public void shutdownOutput() {
    if (failure != null || outputEnding) {
      return;
    }
    outputEnding = true;
    if (peerLeft) {
      outputEnded = true;
      events.outputEnded();
      return;
    }
    tunnel.output().offer(this);
    tunnel.flushSoon();
  }

  @Override
  public void reset() {
    if (failure == null) {
      failure = new IOException("reset by the proxy");
      drop();
      tunnel.reset(this, ErrorCode.CONNECT_ERROR);
    }
  }

  /** It will not be used: what came early is dropped, and nothing is delivered. */
  void discard() {
    if (failure == null) {
      failure = new IOException("refused");
      drop();
    }
  }

  /** Whether the peer may send so much. */
  boolean take(int bytes) {
    unwritten += bytes;
    return !inputEnded && receiveWindow.take(bytes);
  }

  /** The peer sent data, for which {@link #take} said yes. */
  void data(ByteBuf data) {
    if (failure != null || !data.isReadable()) {
      data.release();
    } else if (events == null) {
      early.add(data);
    } else {
      events.data(data);
      if (!unread) {
        unread = true;
        tunnel.readComplete(this);
      }
    }
  }

  /** A batch of the tunnel's reads is over. */
  void dataComplete() {
    unread = false;
    if (failure == null) {
      events.dataComplete();
    }
  }

  /** The peer will send no more. */
  void ended() {
    if (failure == null && !inputEnded) {
      inputEnded = true;
      if (events != null) {
        events.inputEnded();
      }
      finishWhenBothEnded();
    }
  }

  private void finishWhenBothEnded() {
    if (inputEnded && outputEnded && !gone) {
      tunnel.finished(this);
    }
  }

  /**
   * The peer reset the stream. NO_ERROR and CANCEL are how a peer leaves that needs no more: it
   * reads as an end, unless something was still on its way to it.
   */
  void resetByPeer(long code) {
    boolean leaves = code == ErrorCode.NO_ERROR.code() || code == ErrorCode.CANCEL.code();
    if (leaves && pending == 0 && events != null) {
      peerLeft = true;
      if (failure == null && !inputEnded) {
        inputEnded = true;
        events.inputEnded();
      }
      if (failure == null && outputEnding && !outputEnded) {
        outputEnded = true;
        events.outputEnded();
      }
    } else {
      fail(new IOException("the peer reset the stream: " + ErrorCode.name(code)));
    }
  }

  /**
   * The stream left the tunnel, or the tunnel broke.
   *
   * @return bytes that the connection's window has not got back
   */
  int closed() {
    gone = true;
    if (!peerLeft && !(inputEnded && outputEnded)) {
      fail(tunnel.failure());
    }
    if (failure != null) {
      drop();
    }
    int left = unwritten;
    unwritten = 0;
    return left;
  }

  /** Breaks the stream, whose end the relay hears of. */
  void fail(Throwable cause) {
    if (failure != null || (inputEnded && outputEnded)) {
      return;
    }
    failure = cause;
    drop();
    if (events != null) {
      events.failed(cause);
    }
  }

  private void drop() {
    queue.forEach(ByteBuf::release);
    queue.clear();
    tunnel.output().queued(-pending);
    pending = 0;
    if (early != null) {
      early.forEach(ByteBuf::release);
      early.clear();
    }
  }
}
