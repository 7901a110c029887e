// SPDX-License-Identifier: Apache-2.0
package dev.culvert.ztunnel.hbone;

/** Finds the parts of a header by their places, so that none is copied that is not kept. */
final class Span {
  private Span() {}

  /** Where the character is first, or {@code end}. */
  static int until(String text, char wanted, int start, int end) {
    int found = text.indexOf(wanted, start, end);
    return found < 0 ? end : found;
  }

  /** The first place that is not white space, or {@code end}. */
  static int skipSpace(String text, int start, int end) {
    int from = start;
    while (from < end && Character.isWhitespace(text.charAt(from))) {
      from++;
    }
    return from;
  }

  /** The place behind the last that is not white space, or {@code start}. */
  static int dropSpace(String text, int start, int end) {
    int to = end;
    while (to > start && Character.isWhitespace(text.charAt(to - 1))) {
      to--;
    }
    return to;
  }
}
