// SPDX-License-Identifier: Apache-2.0
package dev.culvert.policy.spiffe;

/**
 * The part of an identity that names who vouches for it, as SPIFFE-ID section 2.1 writes it.
 *
 * @param name 1 to 255 characters of {@code a-z 0-9 . _ -}
 */
public record TrustDomain(String name) {
  /** The longest name, in characters. */
  public static final int MAX_LENGTH = 255;

  /**
   * @throws InvalidSpiffeIdException when the name breaks the standard
   */
  public TrustDomain {
    if (name.isEmpty()) {
      throw invalid(name, "it is empty; write a name such as cluster.local");
    }
    if (name.length() > MAX_LENGTH) {
      throw invalid(name, "it is longer than " + MAX_LENGTH + " characters");
    }
    for (int i = 0; i < name.length(); i++) {
      check(name, name.charAt(i));
    }
  }

  private static void check(String name, char c) {
    if (isAllowed(c)) {
      return;
    }
    throw invalid(
        name,
        switch (c) {
          case '@' -> "user information is not allowed before a trust domain; remove it and the @";
          case ':' -> "a port is not allowed in a trust domain; remove it";
          default -> "only a-z, 0-9, '.', '_' and '-' are allowed in a trust domain";
        });
  }

  private static boolean isAllowed(char c) {
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '.' || c == '_' || c == '-';
  }

  private static InvalidSpiffeIdException invalid(String name, String problem) {
    return new InvalidSpiffeIdException("trust domain", name, problem);
  }

  @Override
  public String toString() {
    return name;
  }
}
