// SPDX-License-Identifier: Apache-2.0
package dev.culvert.ztunnel.hbone;

import dev.culvert.ztunnel.hbone.frame.ErrorCode;
import dev.culvert.ztunnel.hbone.frame.FrameWriter;
import dev.culvert.ztunnel.telemetry.TlsSession;
import dev.culvert.ztunnel.transport.Half;
import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import java.io.IOException;
import java.util.Optional;

/** One CONNECT, as an end of a connection. Its bytes ahead are bounded by the HTTP/2 windows. */
public final class HboneStream implements Half {
  /** So much is worth a system call of its own. */
  private static final int FLUSH_BYTES = 64 * 1024;

  /** More writes than an app makes between two flushes: the peer's window is closed. */
  private static final int COPIED_FROM = 64;

  private final TunnelHandler tunnel;
  private final int id;
  private final ReceiveWindow receiveWindow;
  private final Backlog queue = new Backlog(COPIED_FROM);
  private long sendWindow;

  /** What came before the other end was there, or while it did not take more. */
  private Backlog held;

  private ClientTunnel.Answer answer;
  private Events events;
  private Half source;
  private Throwable failure;
  private int pending;
  private int unwritten;
  private boolean blocked;
  private boolean unread;
  private boolean paused;
  private boolean endTold;
  private boolean answered;
  private boolean moved;
  private long waitingSince;
  private boolean offered;
  private boolean inputEnded;
  private boolean outputEnding;
  private boolean outputEnded;
  private boolean peerLeft;
  private boolean gone;
  private boolean lingers;

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

  /** Whether the request has been answered; from now on it is. */
  boolean answer() {
    boolean before = answered;
    answered = true;
    return before;
  }

  boolean isAnswered() {
    return answered;
  }

  boolean isGone() {
    return gone;
  }

  /** Whether all that was written has left. */
  boolean isDrained() {
    return pending == 0;
  }

  /**
   * Looks at what the peer keeps waiting: an answer, or data that its window does not let go.
   *
   * @return how long nothing moved, 0 when nothing waits
   */
  long waitedNanos(long now) {
    boolean waits = answer != null || (pending > 0 && !moved);
    moved = false;
    if (!waits) {
      waitingSince = 0;
    } else if (waitingSince == 0) {
      waitingSince = now;
    }
    return waits ? now - waitingSince : 0;
  }

  /** Whether it is the answer that is waited for. */
  boolean isAsking() {
    return answer != null;
  }

  @Override
  public void start(Events events) {
    this.events = events;
    deliverHeld();
    if (failure != null) {
      events.failed(failure);
    } else if (inputEnded) {
      tellEnd();
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
      ByteBuf part = queue.poll(left);
      left -= part.readableBytes();
      writer.payload(part);
    }
    moved = true;
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

  /** The peer stops when its window is used up; until then what it sends is held here. */
  @Override
  public void readable(boolean wanted) {
    paused = !wanted;
    deliverHeld();
  }

  private void hold(ByteBuf data) {
    if (held == null) {
      held = new Backlog(0);
    }
    held.add(data);
  }

  private boolean nothingHeld() {
    return held == null || held.isEmpty();
  }

  private void deliverHeld() {
    if (paused || nothingHeld()) {
      return;
    }
    while (failure == null && !paused && !nothingHeld()) {
      events.data(held.poll());
    }
    if (failure == null) {
      events.dataComplete();
    }
    if (inputEnded) {
      tellEnd();
    }
  }

  /** Once, behind the last byte. */
  private void tellEnd() {
    if (!endTold && failure == null && events != null && nothingHeld()) {
      endTold = true;
      events.inputEnded();
    }
  }

  @Override
  public boolean countsWritten() {
    return true;
  }

  @Override
  public void written(int bytes) {
    if (!gone) {
      unwritten -= bytes;
      tunnel.returnWindow(this, inputEnded ? 0 : receiveWindow.give(bytes), bytes);
    } else if (lingers) {
      unwritten -= bytes;
      tunnel.returnWindow(this, 0, bytes);
      lingerOn();
    }
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
      lingerOn();
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
      lingerOn();
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
    } else if (events == null || paused) {
      hold(data);
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
      tellEnd();
      finishWhenBothEnded();
    }
  }

  /** Whether the peer ended its side: it may send no more. */
  boolean isInputEnded() {
    return inputEnded;
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
        tellEnd();
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
      return takeUnwritten();
    }
    lingers = unwritten > 0 || !outputEnded;
    if (lingers) {
      tunnel.lingering(1);
    }
    return 0;
  }

  private int takeUnwritten() {
    int left = unwritten;
    unwritten = 0;
    return left;
  }

  /**
   * A stream that the peer has left lives on at its other end, holds what that has not taken, and
   * counts until then: otherwise memory and sockets without end could be had stream by stream.
   */
  private void lingerOn() {
    if (lingers && (failure != null || (unwritten == 0 && outputEnded))) {
      lingers = false;
      tunnel.lingering(-1);
      tunnel.returnWindow(this, 0, takeUnwritten());
    }
  }

  /** Breaks the stream, whose end the relay hears of. */
  void fail(Throwable cause) {
    if (failure != null || (inputEnded && outputEnded)) {
      return;
    }
    failure = cause;
    drop();
    lingerOn();
    if (events != null) {
      events.failed(cause);
    }
  }

  private void drop() {
    queue.clear();
    tunnel.output().queued(-pending);
    pending = 0;
    if (held != null) {
      held.clear();
    }
  }
}
