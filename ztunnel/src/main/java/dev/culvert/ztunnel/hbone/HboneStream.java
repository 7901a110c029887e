// SPDX-License-Identifier: Apache-2.0
package dev.culvert.ztunnel.hbone;

import dev.culvert.ztunnel.telemetry.TlsSession;
import dev.culvert.ztunnel.transport.Half;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.handler.codec.http2.Http2Error;
import io.netty.handler.codec.http2.Http2Stream;
import io.netty.util.concurrent.Future;
import java.io.IOException;
import java.util.ArrayDeque;
import java.util.Optional;
import java.util.Queue;

/** One CONNECT, as an end of a connection. Its bytes ahead are bounded by the HTTP/2 windows. */
public final class HboneStream implements Half {
  /** What may wait for the peer's window before the other end is not read any more. */
  private static final int PENDING_HIGH = 512 * 1024;

  private static final int PENDING_LOW = 128 * 1024;

  private final TunnelHandler tunnel;
  private final Http2Stream stream;
  private Queue<ByteBuf> early = new ArrayDeque<>(0);
  private Events events;
  private Throwable failure;
  private int pending;
  private boolean blocked;
  private boolean unread;
  private boolean inputEnded;
  private boolean outputEnding;
  private boolean outputEnded;
  private boolean peerLeft;

  HboneStream(TunnelHandler tunnel, Http2Stream stream) {
    this.tunnel = tunnel;
    this.stream = stream;
  }

  int id() {
    return stream.id();
  }

  /** What protects the tunnel it is in. */
  public Optional<TlsSession> tls() {
    return TlsSessions.of(tunnel.context().channel());
  }

  /** Whether the stream is gone; writes to it lead nowhere. */
  public boolean isBroken() {
    return failure != null;
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
    if (failure != null || outputEnding) {
      data.release();
      return;
    }
    if (peerLeft) {
      data.release();
      fail(new IOException("the peer takes no more data"));
      return;
    }
    int bytes = data.readableBytes();
    pending += bytes;
    if (pending >= PENDING_HIGH) {
      blocked = true;
    }
    tunnel.writeData(stream, data, false).addListener(done -> left(done, from, bytes));
  }

  private void left(Future<?> done, Half from, int bytes) {
    pending -= bytes;
    if (!done.isSuccess()) {
      fail(tunnel.failureOr(done.cause()));
      return;
    }
    from.written(bytes);
    if (blocked && pending <= PENDING_LOW) {
      blocked = false;
      if (failure == null) {
        events.writable();
      }
    }
  }

  @Override
  public void flush() {
    tunnel.flushNow();
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
    tunnel.returnWindow(stream, bytes);
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
    tunnel.writeData(stream, Unpooled.EMPTY_BUFFER, true).addListener(this::outputShut);
    tunnel.flushNow();
  }

  private void outputShut(Future<?> done) {
    if (!done.isSuccess()) {
      fail(tunnel.failureOr(done.cause()));
    } else if (failure == null) {
      outputEnded = true;
      events.outputEnded();
    }
  }

  @Override
  public void reset() {
    if (failure == null) {
      failure = new IOException("reset by the proxy");
      dropEarly();
      tunnel.reset(stream, Http2Error.CONNECT_ERROR);
    }
  }

  /** It will not be used: what came early is dropped, and nothing is delivered. */
  void discard() {
    if (failure == null) {
      failure = new IOException("refused");
      dropEarly();
    }
  }

  /** The peer sent data. */
  void data(ByteBuf data) {
    if (failure != null) {
      tunnel.returnWindow(stream, data.readableBytes());
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
    }
  }

  /**
   * The peer reset the stream. NO_ERROR and CANCEL are how a peer leaves that needs no more: it
   * reads as an end, unless something was still on its way to it.
   */
  void resetByPeer(long code) {
    boolean leaves = code == Http2Error.NO_ERROR.code() || code == Http2Error.CANCEL.code();
    if (leaves && pending == 0 && events != null) {
      peerLeft = true;
      ended();
    } else {
      fail(new IOException("the peer reset the stream: " + name(code)));
    }
  }

  private static String name(long code) {
    Http2Error error = Http2Error.valueOf(code);
    return error == null ? "code " + code : error.name();
  }

  /** The stream left the connection, or the connection broke. */
  void closed(Throwable cause) {
    if (!peerLeft && (!inputEnded || !outputEnding)) {
      fail(cause);
    }
    dropEarly();
  }

  private void fail(Throwable cause) {
    if (failure != null || (inputEnded && outputEnded)) {
      return;
    }
    failure = cause;
    dropEarly();
    if (events != null) {
      events.failed(cause);
    }
  }

  private void dropEarly() {
    if (early != null) {
      early.forEach(ByteBuf::release);
      early.clear();
    }
  }
}
