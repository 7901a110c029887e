// SPDX-License-Identifier: Apache-2.0
package dev.culvert.ztunnel.hbone.frame;

import io.netty.buffer.ByteBuf;

/** The words that a GOAWAY may carry: for people, bounded, and fit for a line of a log. */
final class GoAwayReason {
  private static final int MAX_LENGTH = 200;

  private GoAwayReason() {}

  /** What a peer wrote, with dots for all that is not plain ASCII. */
  static String read(ByteBuf from) {
    StringBuilder text = new StringBuilder();
    int end = from.readerIndex() + Math.min(from.readableBytes(), MAX_LENGTH);
    for (int i = from.readerIndex(); i < end; i++) {
      byte one = from.getByte(i);
      text.append(one >= ' ' && one < 0x7f ? (char) one : '.');
    }
    return text.toString();
  }

  /** What is sent: no frame of it is longer than any peer takes. */
  static String bounded(String reason) {
    return reason.length() <= MAX_LENGTH ? reason : reason.substring(0, MAX_LENGTH);
  }
}
