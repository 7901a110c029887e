// SPDX-License-Identifier: Apache-2.0
package dev.culvert.policy.route;

import java.util.ArrayDeque;
import java.util.Deque;

/**
 * How many letters and classes an expression has when its counted repeats are written out: {@code
 * (a{100}){100}} has 10,000. Rather too many than too few; syntax errors are left to the compiler.
 */
final class RegexSize {
  /** A text of 60 KiB, the longest that a request can have, takes well under a second. */
  private static final long MAX = 2_000;

  private final String text;
  private final Deque<Long> outer = new ArrayDeque<>();
  private long group;
  private long last;
  private int at;

  private RegexSize(String text) {
    this.text = text;
  }

  static void check(String text) {
    if (new RegexSize(text).total() > MAX) {
      throw new IllegalArgumentException(
          "its repeats, written out, are more than %d letters".formatted(MAX));
    }
  }

  private long total() {
    while (at < text.length() && group <= MAX) {
      step(text.charAt(at++));
    }
    return outer.stream().reduce(group, RegexSize::sum);
  }

  private void step(char letter) {
    switch (letter) {
      case '\\' -> escape();
      case '[' -> characterClass();
      case '(' -> open();
      case ')' -> close();
      case '{' -> repeat();
      default -> atom(1);
    }
  }

  private void atom(long size) {
    last = size;
    group = sum(group, size);
  }

  private void escape() {
    if (at < text.length() && text.charAt(at) == 'Q') {
      throw new IllegalArgumentException("\\Q is not understood; escape letter by letter");
    }
    at++;
    atom(1);
  }

  private void characterClass() {
    if (peek('^')) {
      at++;
    }
    if (peek(']')) {
      at++;
    }
    while (at < text.length() && !peek(']')) {
      int posixEnd = text.startsWith("[:", at) ? text.indexOf(":]", at + 2) : -1;
      if (posixEnd > 0) {
        at = posixEnd + 2;
      } else {
        at += peek('\\') ? 2 : 1;
      }
    }
    at++;
    atom(1);
  }

  private void open() {
    outer.push(group);
    group = 1;
    last = 1;
  }

  private void close() {
    last = group;
    group = sum(group, outer.isEmpty() ? 0 : outer.pop());
  }

  /** {@code {n}}, {@code {n,}} or {@code {n,m}}; anything else in braces is letters. */
  private void repeat() {
    int end = text.indexOf('}', at);
    String inside = end < 0 ? "" : text.substring(at, end);
    if (!inside.matches("[0-9]{1,4}(,[0-9]{0,4})?")) {
      atom(1);
      return;
    }
    at = end + 1;
    int comma = inside.indexOf(',');
    String least = comma < 0 ? inside : inside.substring(0, comma);
    String most = comma < 0 ? "" : inside.substring(comma + 1);
    long times = Math.max(1, Integer.parseInt(most.isEmpty() ? least : most));
    // Repeats of repeats count too: x{9}{9}.
    long added = last * (times - 1);
    group = sum(group, added);
    last = sum(last, added);
  }

  private boolean peek(char wanted) {
    return at < text.length() && text.charAt(at) == wanted;
  }

  private static long sum(long a, long b) {
    return Math.min(a + b, Integer.MAX_VALUE);
  }
}
