// SPDX-License-Identifier: Apache-2.0
package dev.culvert.waypoint.http;

import io.netty.buffer.ByteBuf;

/**
 * Looks for the empty line after fields, over as many reads as it takes, and at no byte twice. On
 * an event loop.
 */
final class Http1Lines {
  private static final int TARGET_TOO_LONG = 414;
  private static final int FIELDS_TOO_LARGE = 431;

  private final boolean strict;
  private final int most;

  private int seen;
  private int line;
  private int fields;
  private boolean started;

  /**
   * @param strict whether a line ends with CR LF and nothing else (RFC 9112, section 2.2)
   * @param most bytes of a first line, and of the fields after it
   */
  Http1Lines(boolean strict, int most) {
    this.strict = strict;
    this.most = most;
  }

  /**
   * Begins.
   *
   * @param afterStart whether fields follow at once, and no first line
   */
  void begin(boolean afterStart) {
    seen = 0;
    line = 0;
    fields = 0;
    started = afterStart;
  }

  /** Where the empty line ends, from the reader's index on; -1 while it is not there. */
  int end(ByteBuf in) throws Http1Exception {
    int from = in.readerIndex();
    while (true) {
      int found = in.indexOf(from + seen, in.writerIndex(), (byte) '\n');
      seen = found < 0 ? in.readableBytes() : found + 1 - from;
      bound();
      if (found < 0) {
        return -1;
      }
      int length = found - from - line;
      boolean marked = length > 0 && in.getByte(found - 1) == '\r';
      if (strict && !marked) {
        throw new Http1Exception("a line that does not end with CR LF");
      }
      if (length == (marked ? 1 : 0)) {
        return seen;
      }
      line = seen;
      if (!started) {
        started = true;
        fields = seen;
      }
    }
  }

  private void bound() throws Http1Exception {
    if (seen - fields <= most) {
      return;
    }
    throw started
        ? new Http1Exception(FIELDS_TOO_LARGE, "header fields longer than %d bytes".formatted(most))
        : new Http1Exception(TARGET_TOO_LONG, "a first line longer than %d bytes".formatted(most));
  }
}
