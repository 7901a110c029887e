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

  private final TunnelHandler tunnel;
  private final int id;
  private final StreamInput input;
  private final StreamOutput output;
  private ClientTunnel.Answer answer;
  private CharSequence baggage;
  private Events events;
  private Throwable failure;
  private long waitingSince;
  private boolean answered;
  private boolean peerLeft;
  private boolean gone;
  private boolean lingers;

  HboneStream(TunnelHandler tunnel, int id, int receiveWindow, int sendWindow) {
    this.tunnel = tunnel;
    this.id = id;
    this.input = new StreamInput(receiveWindow);
    this.output = new StreamOutput(sendWindow);
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

  /** What the answer says of the destination. */
  public Baggage baggage() {
    return Baggage.parse(baggage);
  }

  void baggage(CharSequence said) {
    baggage = said;
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
    return output.pending() == 0;
  }

  /**
   * Looks at what the peer keeps waiting: an answer, or data that its window does not let go.
   *
   * @return how long nothing moved, 0 when nothing waits
   */
  long waitedNanos(long now) {
    boolean waits = output.isStuck() || answer != null;
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
    } else if (input.isEnded()) {
      tellEnd();
    }
  }

  @Override
  public void write(ByteBuf data, Half from) {
    if (failure != null || output.isEnding() || !data.isReadable()) {
      data.release();
      return;
    }
    if (peerLeft) {
      data.release();
      fail(new IOException("the peer takes no more data"));
      return;
    }
    output.add(data, from, tunnel.output());
    tunnel.output().offer(this);
  }

  /** Goes along with the request, before its answer. */
  void writeEarly(ByteBuf data) {
    if (data.isReadable()) {
      output.addEarly(data, tunnel.output());
      tunnel.output().offer(this);
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

  boolean isOffered() {
    return output.isOffered();
  }

  void offered(boolean waits) {
    output.offered(waits);
  }

  boolean canSend() {
    return !gone && (output.canSendData() || (failure == null && output.canSendEnd()));
  }

  /** Writes one DATA frame of at most so many bytes; how many it was. */
  int send(FrameWriter writer, int most) {
    int bytes = output.send(id, writer, most);
    tunnel.output().queued(-bytes);
    return bytes;
  }

  /** What {@link #send} wrote has left: tells those who wait for that. */
  void sent(int bytes) {
    if (output.sent(bytes, tunnel.output()) && failure == null) {
      events.writable();
    }
    if (output.isEnded() && failure == null) {
      events.outputEnded();
      finishWhenBothEnded();
    }
  }

  /** The peer takes so many bytes more, or fewer; false when that is more than can be. */
  boolean grow(long bytes) {
    boolean fits = output.grow(bytes);
    tunnel.output().offer(this);
    return fits;
  }

  @Override
  public boolean isWritable() {
    return !output.isBlocked();
  }

  /** The peer stops when its window is used up; until then what it sends is held here. */
  @Override
  public void readable(boolean wanted) {
    input.paused(!wanted);
    deliverHeld();
  }

  private void deliverHeld() {
    if (input.isPaused() || input.nothingHeld()) {
      return;
    }
    while (failure == null && !input.isPaused() && !input.nothingHeld()) {
      events.data(input.poll());
    }
    if (failure == null) {
      events.dataComplete();
    }
    if (input.isEnded()) {
      tellEnd();
    }
  }

  private void tellEnd() {
    if (failure == null) {
      input.tellEnd(events);
    }
  }

  @Override
  public boolean countsWritten() {
    return true;
  }

  @Override
  public void written(int bytes) {
    if (!gone) {
      tunnel.returnWindow(this, input.written(bytes), bytes);
    } else if (lingers) {
      input.written(bytes);
      tunnel.returnWindow(this, 0, bytes);
      lingerOn();
    }
  }

  @Override
  public void shutdownOutput() {
    if (failure != null || output.isEnding()) {
      return;
    }
    output.end();
    if (peerLeft) {
      output.ended();
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
    return input.take(bytes);
  }

  /** The peer sent data, for which {@link #take} said yes. */
  void data(ByteBuf data) {
    if (failure != null || !data.isReadable()) {
      data.release();
    } else if (events == null || input.isPaused()) {
      input.hold(data);
    } else {
      events.data(data);
      if (input.beginBatch()) {
        tunnel.readComplete(this);
      }
    }
  }

  /** A batch of the tunnel's reads is over. */
  void dataComplete() {
    input.batchOver();
    if (failure == null) {
      events.dataComplete();
    }
  }

  /** The peer will send no more. */
  void ended() {
    if (failure == null && !input.isEnded()) {
      input.ended();
      tellEnd();
      finishWhenBothEnded();
    }
  }

  /** Whether the peer ended its side: it may send no more. */
  boolean isInputEnded() {
    return input.isEnded();
  }

  private void finishWhenBothEnded() {
    if (input.isEnded() && output.isEnded() && !gone) {
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
        input.ended();
        tellEnd();
      }
      if (failure == null && output.isEnding() && !output.isEnded()) {
        output.ended();
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
    if (!peerLeft && !(input.isEnded() && output.isEnded())) {
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
      tunnel.returnWindow(this, 0, input.takeUnwritten());
    }
  }

  /** Breaks the stream, whose end the relay hears of. */
  void fail(Throwable cause) {
    if (failure != null || (input.isEnded() && output.isEnded())) {
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
    output.drop(tunnel.output());
    input.drop();
  }
}
