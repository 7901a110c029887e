// SPDX-License-Identifier: Apache-2.0
package dev.culvert.controlplane.access;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;

/** A token as its SHA-256: of one length whatever was presented, and useless to a heap dump. */
final class TokenDigest {
  private final byte[] digest;

  private TokenDigest(byte[] digest) {
    this.digest = digest;
  }

  static TokenDigest of(String token) {
    try {
      return new TokenDigest(MessageDigest.getInstance("SHA-256").digest(token.getBytes(UTF_8)));
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("this JDK has no SHA-256", e);
    }
  }

  /** In constant time. */
  boolean matches(TokenDigest other) {
    return MessageDigest.isEqual(digest, other.digest);
  }
}
