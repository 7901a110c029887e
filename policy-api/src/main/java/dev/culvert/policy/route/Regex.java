// SPDX-License-Identifier: Apache-2.0
package dev.culvert.policy.route;

import com.google.re2j.Pattern;
import com.google.re2j.PatternSyntaxException;

/**
 * A regular expression in the syntax of RE2, which takes whole texts, as Envoy's do. Its time grows
 * with the text and never exponentially, so that nobody can hold an event loop with a request.
 *
 * @param pattern compiled once
 */
public record Regex(Pattern pattern) {
  /** The longest that Gateway API lets a path have. */
  private static final int MAX_LENGTH = 1024;

  /**
   * Compiles an expression.
   *
   * @throws IllegalArgumentException when it has an error, or would cost too much; the message says
   *     what
   */
  public static Regex of(String text) {
    if (text.length() > MAX_LENGTH) {
      throw new IllegalArgumentException("it is longer than %d letters".formatted(MAX_LENGTH));
    }
    // RE2/J writes repeats out before it could tell that they are too many.
    RegexSize.check(text);
    try {
      return new Regex(Pattern.compile(text));
    } catch (PatternSyntaxException e) {
      throw new IllegalArgumentException(e.getMessage(), e);
    }
  }

  /** Whether the whole text is one that the expression describes. */
  public boolean matches(String text) {
    return pattern.matches(text);
  }

  int length() {
    return pattern.pattern().length();
  }
}
