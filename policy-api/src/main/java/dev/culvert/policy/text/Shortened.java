// SPDX-License-Identifier: Apache-2.0
package dev.culvert.policy.text;

import static java.nio.charset.StandardCharsets.UTF_8;

/** A text that is no longer than somebody takes it; no character is cut in two. */
public final class Shortened {
  private Shortened() {}

  /**
   * By {@code char}s.
   *
   * @param most 0 or more
   */
  public static String toChars(String text, int most) {
    if (text.length() <= most) {
      return text;
    }
    boolean whole = most == 0 || !Character.isHighSurrogate(text.charAt(most - 1));
    return text.substring(0, whole ? most : most - 1);
  }

  /**
   * By bytes of UTF-8.
   *
   * @param most 0 or more
   */
  public static String toBytes(String text, int most) {
    String shorter = toChars(text, most);
    while (shorter.getBytes(UTF_8).length > most) {
      shorter = toChars(shorter, shorter.length() - 1);
    }
    return shorter;
  }
}
