// SPDX-License-Identifier: Apache-2.0
package dev.culvert.policy.text;

/** Keeps a message that quotes foreign text on one line of a log and of bearable length. */
public final class OneLine {
  /** The longest message, in characters. */
  public static final int MAX_LENGTH = 600;

  private OneLine() {}

  /** The text with control characters replaced, cut when it is too long. */
  public static String of(String text) {
    String shown = text.length() > MAX_LENGTH ? text.substring(0, MAX_LENGTH) + "..." : text;
    return shown.replaceAll("[\\p{Cntrl}\\u2028\\u2029]+", "?");
  }
}
