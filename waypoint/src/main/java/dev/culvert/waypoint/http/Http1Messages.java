// SPDX-License-Identifier: Apache-2.0
package dev.culvert.waypoint.http;

import io.netty.buffer.ByteBuf;
import io.netty.handler.codec.http.HttpHeaders;

/** What is read of a connection of HTTP/1, in this order. On its event loop. */
public interface Http1Messages {
  /** The body is in chunks, and trailers may follow it. */
  long CHUNKED = -1;

  /** The body goes on to the end of the connection, and so do the bytes of another protocol. */
  long TO_THE_END = -2;

  /** This head is not the last of its message. */
  long INTERIM = -3;

  /**
   * A head is whole: from its first line to the empty one. Nothing of it may be acted on yet.
   *
   * @param bytes the receiver's, to keep
   * @return the bytes of its body, or one of the above
   * @throws Http1Exception when it is none, or does not say in one way how its body ends
   */
  long head(byte[] bytes) throws Http1Exception;

  /** The message of the last head begins. */
  void begin();

  /** A part of the body; the receiver owns it. */
  void data(ByteBuf data);

  /**
   * The message is whole.
   *
   * @param trailers empty when there are none
   */
  void ended(HttpHeaders trailers);

  /** What had waited outside of a read is read as far as it can be. */
  void dataComplete();

  /** Nothing more is read: what came is no HTTP/1. */
  void unreadable(Http1Exception problem);
}
