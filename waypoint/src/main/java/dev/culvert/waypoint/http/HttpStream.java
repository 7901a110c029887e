// SPDX-License-Identifier: Apache-2.0
package dev.culvert.waypoint.http;

import io.netty.buffer.ByteBuf;
import io.netty.handler.codec.http.HttpHeaders;

/**
 * One end of an exchange: a request and its response on a connection of any version. Every call,
 * and every event, is on the connection's event loop. Back-pressure is by bytes: what was delivered
 * and not yet {@link #consumed} is bounded, and the peer is not read beyond it.
 */
public interface HttpStream {

  /** What comes from the peer, in this order; nothing follows {@link #failed}. */
  interface Events {
    /** A part of the body; the receiver owns it. */
    void data(ByteBuf data);

    /**
     * The message is whole.
     *
     * @param trailers empty when there are none
     */
    void ended(HttpHeaders trailers);

    /** Nothing more comes in this turn of the loop: flush what it led to. */
    void dataComplete();

    /** More can be written after {@link #isWritable} was false. */
    void writable();

    /** The stream broke, and is gone. */
    void failed(StreamFailure failure);
  }

  /** Queues a part of the body, which the stream now owns. */
  void write(ByteBuf data);

  /**
   * Ends the message.
   *
   * @param trailers empty when there are none; they are left out where the peer cannot take them
   */
  void end(HttpHeaders trailers);

  /** Sends what was queued. */
  void flush();

  /** Whether a writer should go on; {@link Events#writable} follows after false. */
  boolean isWritable();

  /** So many bytes of what was delivered are with the other end. */
  void consumed(int bytes);

  /** Breaks the stream so that the peer notices; no event follows. Does nothing after the end. */
  void reset();
}
