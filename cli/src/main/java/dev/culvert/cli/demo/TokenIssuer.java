// SPDX-License-Identifier: Apache-2.0
package dev.culvert.cli.demo;

import dev.culvert.cli.answer.JsonObject;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.Signature;
import java.time.Instant;
import java.util.Arrays;
import java.util.Base64;

/** Signs tokens (JWT, RFC 7519) with a key of its own, Ed25519 (RFC 8037). */
final class TokenIssuer {
  private static final String NAME = "id.demo.culvert.dev";
  private static final String ALGORITHM = "Ed25519";
  private static final int KEY_BYTES = 32;

  private final KeyPair key;

  private TokenIssuer(KeyPair key) {
    this.key = key;
  }

  /** With a new key, under the name that all issuers here claim to have. */
  static TokenIssuer make() {
    try {
      return new TokenIssuer(KeyPairGenerator.getInstance(ALGORITHM).generateKeyPair());
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("every JDK has " + ALGORITHM, e);
    }
  }

  String name() {
    return NAME;
  }

  /** Its public key as a set (RFC 7517). */
  String keys() {
    byte[] encoded = key.getPublic().getEncoded();
    byte[] point = Arrays.copyOfRange(encoded, encoded.length - KEY_BYTES, encoded.length);
    JsonObject member =
        new JsonObject()
            .put("kty", "OKP")
            .put("crv", ALGORITHM)
            .put("kid", "1")
            .put("x", base64(point));
    return "{\"keys\":[%s]}".formatted(member);
  }

  /** A token that says who bears it, until then. */
  String token(String subject, Instant expiry) {
    JsonObject head = new JsonObject().put("alg", "EdDSA").put("kid", "1");
    JsonObject claims =
        new JsonObject().put("iss", NAME).put("sub", subject).put("exp", expiry.getEpochSecond());
    String signed = base64(bytes(head.toString())) + "." + base64(bytes(claims.toString()));
    return signed + "." + base64(sign(bytes(signed)));
  }

  private byte[] sign(byte[] message) {
    try {
      Signature signature = Signature.getInstance(ALGORITHM);
      signature.initSign(key.getPrivate());
      signature.update(message);
      return signature.sign();
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("a key that was made for it signs", e);
    }
  }

  private static byte[] bytes(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }

  private static String base64(byte[] bytes) {
    return Base64.getUrlEncoder().withoutPadding().encodeToString(bytes);
  }
}
