// SPDX-License-Identifier: Apache-2.0
package dev.culvert.waypoint.exchange;

import io.netty.buffer.ByteBuf;

/**
 * Counts the messages of one side of a call as its bytes go by, however they are cut (gRPC over
 * HTTP2, Length-Prefixed-Message). It looks at prefixes only.
 */
final class CountedMessages {
  /** Whether it is compressed, and four bytes of its length. */
  private static final int PREFIX = 5;

  private int ofPrefix;
  private long length;
  private long left;
  private long count;

  /** These bytes go by, and stay as they are. */
  void add(ByteBuf data) {
    int at = data.readerIndex();
    while (at < data.writerIndex()) {
      if (left > 0) {
        long step = Math.min(left, data.writerIndex() - at);
        left -= step;
        at += (int) step;
      } else {
        prefix(data.getByte(at));
        at++;
      }
    }
  }

  private void prefix(byte next) {
    length = ofPrefix == 0 ? 0 : (length << 8) | Byte.toUnsignedLong(next);
    ofPrefix++;
    if (ofPrefix == PREFIX) {
      ofPrefix = 0;
      left = length;
      count++;
    }
  }

  /** Those that have begun. */
  long count() {
    return count;
  }
}
