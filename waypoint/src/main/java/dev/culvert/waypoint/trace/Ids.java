// SPDX-License-Identifier: Apache-2.0
package dev.culvert.waypoint.trace;

import java.util.HexFormat;
import java.util.concurrent.ThreadLocalRandom;

/** Ids of traces and spans: sixteen hex digits in lower case, or twice as many, not all zero. */
final class Ids {
  /** Of 64 bits. */
  static final int DIGITS = 16;

  private static final byte[] HEX = {
    '0', '1', '2', '3', '4', '5', '6', '7', '8', '9', 'a', 'b', 'c', 'd', 'e', 'f'
  };

  private Ids() {}

  static boolean isHex(String text) {
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      if (!((c >= '0' && c <= '9') || (c >= 'a' && c <= 'f'))) {
        return false;
      }
    }
    return true;
  }

  /** Not 0. */
  static long make() {
    return ThreadLocalRandom.current().nextLong() | 1;
  }

  /** Reads sixteen digits of a text that has only such. */
  static long read(String text, int from) {
    return HexFormat.fromHexDigitsToLong(text, from, from + DIGITS);
  }

  /** Writes sixteen digits. */
  static void write(long id, byte[] to, int at) {
    for (int i = 0; i < DIGITS; i++) {
      to[at + i] = HEX[(int) (id >>> (60 - 4 * i)) & 0xf];
    }
  }
}
