// SPDX-License-Identifier: Apache-2.0
package dev.culvert.waypoint.http;

import io.netty.buffer.ByteBuf;

/** The line before a chunk (RFC 9112, section 7.1). */
final class ChunkSize {
  /** With its extensions, which say nothing to anybody and are not passed on. */
  private static final int MOST = 1024;

  private static final int MOST_DIGITS = 15;

  private ChunkSize() {}

  /**
   * Reads the line.
   *
   * @param strict whether nothing but digits and extensions is taken
   * @return its size in bytes; -1, and nothing read, while the line is not whole
   */
  static long read(ByteBuf in, boolean strict) throws Http1Exception {
    int from = in.readerIndex();
    int end = in.indexOf(from, Math.min(in.writerIndex(), from + MOST), (byte) '\n');
    if (end < 0) {
      if (in.readableBytes() >= MOST) {
        throw new Http1Exception("the line of a chunk longer than %d bytes".formatted(MOST));
      }
      return -1;
    }
    long size = size(in, from, lineEnd(in, from, end, strict), strict);
    in.readerIndex(end + 1);
    return size;
  }

  private static int lineEnd(ByteBuf in, int from, int end, boolean strict) throws Http1Exception {
    if (end > from && in.getByte(end - 1) == '\r') {
      return end - 1;
    }
    if (strict) {
      throw new Http1Exception("the line of a chunk that does not end with CR LF");
    }
    return end;
  }

  private static long size(ByteBuf in, int from, int end, boolean strict) throws Http1Exception {
    long size = 0;
    int at = from;
    while (at < end) {
      int digit = Character.digit(in.getByte(at), 16);
      if (digit < 0) {
        break;
      }
      size = size << 4 | digit;
      at++;
    }
    if (at == from || at - from > MOST_DIGITS) {
      throw new Http1Exception("a chunk whose size is no number");
    }
    checkExtensions(in, at, end, strict);
    return size;
  }

  private static void checkExtensions(ByteBuf in, int from, int end, boolean strict)
      throws Http1Exception {
    int at = from;
    while (at < end && Http1Bytes.isBlank(in.getByte(at))) {
      at++;
    }
    boolean good = at == end ? at == from || !strict : in.getByte(at) == ';';
    for (; at < end; at++) {
      good &= Http1Bytes.isText(in.getByte(at));
    }
    if (!good) {
      throw new Http1Exception("a chunk whose size is no number");
    }
  }
}
