// SPDX-License-Identifier: Apache-2.0
package dev.culvert.policy.spiffe;

/**
 * Text that is no SPIFFE id or trust domain; the message quotes it and says what would be right.
 */
public final class InvalidSpiffeIdException extends RuntimeException {
  private static final long serialVersionUID = 1L;
  private static final int QUOTED = 120;

  InvalidSpiffeIdException(String what, String text, String problem) {
    super("%s '%s': %s".formatted(what, quote(text), problem));
  }

  /** Identities come from peers: what is quoted is bounded and holds no control characters. */
  private static String quote(String text) {
    String shown = text.length() > QUOTED ? text.substring(0, QUOTED) + "..." : text;
    return shown.replaceAll("[^\\x20-\\x7e]", "?");
  }
}
