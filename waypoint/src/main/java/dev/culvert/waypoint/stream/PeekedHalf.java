// SPDX-License-Identifier: Apache-2.0
package dev.culvert.waypoint.stream;

import dev.culvert.ztunnel.transport.Half;
import dev.culvert.ztunnel.transport.HalfInput;
import io.netty.buffer.ByteBuf;
import org.jspecify.annotations.Nullable;

/**
 * An end of a connection whose first bytes are looked at before somebody takes them. What came in
 * the meantime is delivered then, in its order.
 */
final class PeekedHalf implements Half {
  private final Half half;
  private final HalfInput input = new HalfInput();
  private @Nullable Events taker;
  private @Nullable Throwable failure;

  /** Looks at what comes first. */
  interface Peek {
    /** More came, which stays where it is. */
    void data(ByteBuf data);

    /** Nothing more comes. */
    void ended();
  }

  PeekedHalf(Half half) {
    this.half = half;
  }

  /** Begins to look. */
  void peek(Peek peek) {
    half.start(new Incoming(peek));
  }

  /** Whether it broke. */
  boolean isBroken() {
    return failure != null;
  }

  @Override
  public void start(Events events) {
    taker = events;
    input.start(events);
    if (failure != null) {
      events.failed(failure);
    } else {
      half.readable(true);
    }
  }

  @Override
  public void write(ByteBuf data, Half from) {
    half.write(data, from);
  }

  @Override
  public void flush() {
    half.flush();
  }

  @Override
  public boolean isWritable() {
    return half.isWritable();
  }

  @Override
  public void readable(boolean wanted) {
    half.readable(wanted);
  }

  @Override
  public boolean countsWritten() {
    return half.countsWritten();
  }

  @Override
  public void written(int bytes) {
    half.written(bytes);
  }

  @Override
  public void shutdownOutput() {
    half.shutdownOutput();
  }

  @Override
  public void reset() {
    input.drop();
    half.reset();
  }

  private final class Incoming implements Events {
    private final Peek peek;

    Incoming(Peek peek) {
      this.peek = peek;
    }

    @Override
    public void data(ByteBuf data) {
      if (taker == null) {
        // Looked at before it is held: who looks may decide, and the end be reset, within the call.
        peek.data(data.duplicate());
      }
      input.data(data);
    }

    @Override
    public void dataComplete() {
      input.dataComplete();
    }

    @Override
    public void inputEnded() {
      input.end();
      if (taker == null) {
        peek.ended();
      }
    }

    @Override
    public void outputEnded() {
      if (taker != null) {
        taker.outputEnded();
      }
    }

    @Override
    public void writable() {
      if (taker != null) {
        taker.writable();
      }
    }

    @Override
    public void failed(Throwable cause) {
      failure = cause;
      input.drop();
      if (taker != null) {
        taker.failed(cause);
      } else {
        peek.ended();
      }
    }

    @Override
    public void leaving() {
      if (taker != null) {
        taker.leaving();
      }
    }
  }
}
