// SPDX-License-Identifier: Apache-2.0
package dev.culvert.ztunnel.hbone;

import dev.culvert.ztunnel.hbone.frame.ErrorCode;
import dev.culvert.ztunnel.telemetry.TlsSession;
import dev.culvert.ztunnel.transport.Half;
import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import java.io.IOException;
import java.util.Optional;

/**
 * One CONNECT, as an end of a connection: how it begins and ends. What it receives and sends is
 * {@link StreamInput} and {@link StreamOutput}, whose bytes ahead the HTTP/2 windows bound.
 */
public final class HboneStream implements Half {
  /** So much is worth a system call of its own. */
  private static final int FLUSH_BYTES = 64 * 1024;

  private final TunnelHandler tunnel;
  private final int id;
  private final StreamRequest request = new StreamRequest();
  private final StreamInput input;
  private final StreamOutput output;
  private Events events;
  private Throwable failure;
  private long waitingSince;
  private boolean peerLeft;
  private boolean gone;
  private boolean lingers;
  private boolean leaving;

  HboneStream(TunnelHandler tunnel, int id, int receiveWindow, int sendWindow) {
    this.tunnel = tunnel;
    this.id = id;
    this.input = new StreamInput(receiveWindow);
    this.output = new StreamOutput(this, tunnel.output(), sendWindow);
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

  StreamInput input() {
    return input;
  }

  StreamOutput output() {
    return output;
  }

  /** What was asked for, and answered. */
  StreamRequest request() {
    return request;
  }

  /** What the answer says of the destination. */
  public Baggage baggage() {
    return Baggage.parse(request.baggage());
  }

  /** Whether it left the tunnel. */
  boolean isGone() {
    return gone;
  }

  /**
   * Looks at what the peer keeps waiting: an answer, or data that its window does not let go.
   *
   * @return how long nothing moved, 0 when nothing waits
   */
  long waitedNanos(long now) {
    boolean waits = output.isStuck() || request.isWaiting();
    if (!waits) {
      waitingSince = 0;
    } else if (waitingSince == 0) {
      waitingSince = now;
    }
    return waits ? now - waitingSince : 0;
  }

  @Override
  public void start(Events events) {
    this.events = events;
    input.start(events);
    if (failure != null) {
      events.failed(failure);
    } else if (leaving) {
      events.leaving();
    }
  }

  /** The peer takes no new streams and waits for this one's end. */
  void peerLeaves() {
    leaving = true;
    if (failure == null && events != null) {
      events.leaving();
    }
  }

  @Override
  public void write(ByteBuf data, Half from) {
    if (failure != null || output.isEnding() || !data.isReadable()) {
      data.release();
    } else if (peerLeft) {
      data.release();
      fail(new IOException("the peer takes no more data"));
    } else {
      output.write(data, from);
    }
  }

  /** Goes along with the request, before its answer. */
  void writeEarly(ByteBuf data) {
    if (data.isReadable()) {
      output.writeEarly(data);
    } else {
      data.release();
    }
  }

  @Override
  public void flush() {
    if (output.pending() >= FLUSH_BYTES) {
      tunnel.flushNow();
    } else {
      tunnel.flushSoon();
    }
  }

  @Override
  public boolean isWritable() {
    return !output.isBlocked();
  }

  /** After {@link #isWritable} was false. */
  void roomMade() {
    if (failure == null) {
      events.writable();
    }
  }

  /** The end of what is sent is on its way. */
  void lastSent() {
    if (failure == null) {
      events.outputEnded();
      finishWhenBothEnded();
    }
  }

  /** The peer stops when its window is used up; until then what it sends is held here. */
  @Override
  public void readable(boolean wanted) {
    input.pause(!wanted);
  }

  @Override
  public boolean countsWritten() {
    return true;
  }

  @Override
  public void written(int bytes) {
    if (!gone) {
      tunnel.input().returnWindow(this, input.written(bytes), bytes);
    } else if (lingers) {
      input.written(bytes);
      tunnel.input().returnWindow(bytes);
      lingerOn();
    }
  }

  @Override
  public void shutdownOutput() {
    if (failure != null || output.isEnding()) {
      return;
    }
    if (peerLeft) {
      output.endUnsent();
      events.outputEnded();
      lingerOn();
    } else {
      output.end();
      tunnel.flushSoon();
    }
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

  /** The peer sent data, for which there was room. */
  void data(ByteBuf data) {
    if (input.data(data) && input.beginBatch()) {
      tunnel.input().unread(input);
    }
  }

  /** The peer will send no more. */
  void ended() {
    if (failure == null && !input.isEnded()) {
      input.end();
      finishWhenBothEnded();
    }
  }

  private boolean bothEnded() {
    return input.isEnded() && output.isEnded();
  }

  private void finishWhenBothEnded() {
    if (bothEnded() && !gone) {
      tunnel.finished(this);
    }
  }

  /**
   * The peer reset the stream. NO_ERROR and CANCEL are how a peer leaves that needs no more: it
   * reads as an end, unless something was still on its way to it.
   */
  void resetByPeer(long code) {
    boolean leaves = code == ErrorCode.NO_ERROR.code() || code == ErrorCode.CANCEL.code();
    if (leaves && output.pending() == 0 && events != null) {
      peerLeft = true;
      if (failure == null && !input.isEnded()) {
        input.end();
      }
      if (failure == null && output.isEnding() && !output.isEnded()) {
        output.endUnsent();
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
    output.close();
    if (!peerLeft && !bothEnded()) {
      fail(tunnel.failure());
    }
    if (failure != null) {
      drop();
      return input.takeUnwritten();
    }
    lingers = input.unwritten() > 0 || !output.isEnded();
    if (lingers) {
      tunnel.lingering(1);
    }
    return 0;
  }

  /**
   * A stream that the peer has left lives on at its other end, holds what that has not taken, and
   * counts until then: otherwise memory and sockets without end could be had stream by stream.
   */
  private void lingerOn() {
    if (lingers && (failure != null || (input.unwritten() == 0 && output.isEnded()))) {
      lingers = false;
      tunnel.lingering(-1);
      tunnel.input().returnWindow(input.takeUnwritten());
    }
  }

  /** Breaks the stream, whose end the relay hears of. */
  void fail(Throwable cause) {
    if (failure != null || bothEnded()) {
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
    output.drop();
    input.drop();
  }
}
