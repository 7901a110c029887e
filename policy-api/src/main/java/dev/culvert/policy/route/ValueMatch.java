// SPDX-License-Identifier: Apache-2.0
package dev.culvert.policy.route;

/** How the value of a header or of a query parameter must look. */
public sealed interface ValueMatch {
  /** Whether the value looks so. */
  boolean matches(String value);

  /** This value, letter by letter. */
  record Exact(String value) implements ValueMatch {
    @Override
    public boolean matches(String candidate) {
      return candidate.equals(value);
    }
  }

  /** A value that an expression describes as a whole. */
  record Expression(Regex regex) implements ValueMatch {
    @Override
    public boolean matches(String candidate) {
      return regex.matches(candidate);
    }
  }
}
