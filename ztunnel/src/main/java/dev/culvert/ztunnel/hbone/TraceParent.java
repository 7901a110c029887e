// SPDX-License-Identifier: Apache-2.0
package dev.culvert.ztunnel.hbone;

import io.netty.util.AsciiString;
import java.util.concurrent.ThreadLocalRandom;

/** The {@code traceparent} header (W3C Trace Context): one trace per connection, not sampled. */
final class TraceParent {
  private static final int LENGTH = 55;
  private static final int TRACE_ID = 3;
  private static final int PARENT_ID = 36;
  private static final int FLAGS = 53;
  private static final int DIGITS = 16;

  private TraceParent() {}

  static AsciiString fresh() {
    ThreadLocalRandom random = ThreadLocalRandom.current();
    byte[] text = new byte[LENGTH];
    number(text, 0, 2, 0);
    text[TRACE_ID - 1] = '-';
    // A zero id is invalid: the low bit is set in both.
    number(text, TRACE_ID, DIGITS, random.nextLong());
    number(text, TRACE_ID + DIGITS, DIGITS, random.nextLong() | 1);
    text[PARENT_ID - 1] = '-';
    number(text, PARENT_ID, DIGITS, random.nextLong() | 1);
    text[FLAGS - 1] = '-';
    number(text, FLAGS, 2, 0);
    return new AsciiString(text, false);
  }

  private static void number(byte[] text, int at, int digits, long number) {
    long rest = number;
    for (int i = at + digits - 1; i >= at; i--) {
      text[i] = (byte) Character.forDigit((int) (rest & 0xf), DIGITS);
      rest >>>= 4;
    }
  }
}
