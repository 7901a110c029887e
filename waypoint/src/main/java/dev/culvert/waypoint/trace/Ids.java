// SPDX-License-Identifier: Apache-2.0
package dev.culvert.waypoint.trace;

import java.util.HexFormat;
import java.util.concurrent.ThreadLocalRandom;

/** Ids of traces and spans: hex digits in lower case, not all zero. */
final class Ids {
  private Ids() {}

  static boolean isId(String text) {
    boolean any = false;
    for (int i = 0; i < text.length() && !any; i++) {
      any = text.charAt(i) != '0';
    }
    return any && isHex(text);
  }

  static boolean isHex(String text) {
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      if (!((c >= '0' && c <= '9') || (c >= 'a' && c <= 'f'))) {
        return false;
      }
    }
    return true;
  }

  /** Sixteen digits. */
  static String make() {
    return HexFormat.of().toHexDigits(ThreadLocalRandom.current().nextLong() | 1);
  }
}
