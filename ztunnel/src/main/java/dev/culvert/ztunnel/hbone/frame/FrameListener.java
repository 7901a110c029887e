// SPDX-License-Identifier: Apache-2.0
package dev.culvert.ztunnel.hbone.frame;

import io.netty.buffer.ByteBuf;
import io.netty.handler.codec.http2.Http2Headers;

/**
 * Hears of a peer's frames, in their order. Stream numbers are above 0 where nothing else is said;
 * whether there is such a stream is the listener's to know.
 */
public interface FrameListener {

  /**
   * A part of a DATA frame.
   *
   * @param data owned by the listener
   * @param padding bytes beside the data that count for the windows
   * @param last whether the stream ends with this part
   */
  void data(int stream, ByteBuf data, int padding, boolean last) throws FrameException;

  /** A whole header block. */
  void headers(int stream, Http2Headers headers, boolean last) throws FrameException;

  /** A header block with more bytes of headers than allowed; it was taken apart all the same. */
  void headersTooLarge(int stream) throws FrameException;

  /** A header block that is no request and no answer (RFC 9113 8.1.1); the tables are in step. */
  void headersMalformed(int stream) throws FrameException;

  /** A frame that means nothing: of an unknown type, or PRIORITY. */
  void ignored() throws FrameException;

  void reset(int stream, long code) throws FrameException;

  /** One setting of a SETTINGS frame. */
  void setting(int id, long value) throws FrameException;

  /** All settings of the frame were told. */
  void settingsEnd() throws FrameException;

  void settingsAck() throws FrameException;

  void ping(long data, boolean ack) throws FrameException;

  /**
   * The peer wants no more streams.
   *
   * @param reason in plain ASCII, shortened
   */
  void goAway(int lastStream, long code, String reason) throws FrameException;

  /**
   * The peer takes more.
   *
   * @param stream 0: the connection
   * @param bytes more that may be sent, 0 is the peer's error
   */
  void windowUpdate(int stream, int bytes) throws FrameException;
}
