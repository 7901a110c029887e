// SPDX-License-Identifier: Apache-2.0
package dev.culvert.ztunnel.transport;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;

/**
 * One end of a relayed connection: a TCP socket or a stream of a tunnel. Every call, and every
 * event of it, is on its event loop. What arrives before {@link #start} waits, within bounds.
 */
public interface Half {

  /** What happens at this end; nothing follows {@link #failed}. */
  interface Events {
    /** Data came; the receiver owns it. */
    void data(ByteBuf data);

    /** No more data comes in this turn of the loop: flush what it led to. */
    void dataComplete();

    /** The end sent its last byte. */
    void inputEnded();

    /** The last byte was handed to this end's kernel or tunnel. */
    void outputEnded();

    /** More can be written. */
    void writable();

    /** The end was reset, or broke. */
    void failed(Throwable cause);

    /** The peer stops, and goes on only with what is open. May come more than once. */
    default void leaving() {}
  }

  /**
   * What this end has sent already, as far as it can be had at once; before {@link #start}, which
   * goes on behind it. The caller owns it.
   */
  default ByteBuf early() {
    return Unpooled.EMPTY_BUFFER;
  }

  /** Begins to deliver events. Called once. */
  void start(Events events);

  /**
   * Queues data, which this end now owns.
   *
   * @param from told with {@link #written} when the data left, if it wants to know
   */
  void write(ByteBuf data, Half from);

  /** Sends what was queued. */
  void flush();

  /** Whether a writer should go on; {@link Events#writable} follows after false. */
  boolean isWritable();

  /** Stops or continues to take data from this end. */
  void readable(boolean wanted);

  /** Whether this end gives its peer room by {@link #written}. */
  boolean countsWritten();

  /** So many bytes that came from here were written at the other end. */
  void written(int bytes);

  /** Ends the output after what was queued; the input goes on. */
  void shutdownOutput();

  /** Breaks both ways at once so that the far end notices; no event follows. */
  void reset();
}
