// SPDX-License-Identifier: Apache-2.0
package dev.culvert.perf.bench.door;

import static java.nio.charset.StandardCharsets.US_ASCII;

import java.math.BigInteger;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.Signature;
import java.security.interfaces.ECPublicKey;
import java.security.spec.ECGenParameterSpec;
import java.time.Duration;
import java.time.Instant;
import java.util.Base64;

/**
 * A bearer's token, signed with P-256, and the key that proves it.
 *
 * @param text as bearers send it
 * @param keys a JSON Web Key Set
 */
record BenchToken(String text, String keys) {
  static final String ISSUER = "https://id.example.com";

  private static final int COORDINATE = 32;
  private static final Base64.Encoder BASE64 = Base64.getUrlEncoder().withoutPadding();

  static BenchToken make() {
    try {
      KeyPairGenerator generator = KeyPairGenerator.getInstance("EC");
      generator.initialize(new ECGenParameterSpec("secp256r1"));
      KeyPair pair = generator.generateKeyPair();
      return new BenchToken(signed(pair), keys((ECPublicKey) pair.getPublic()));
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("this JDK has no P-256", e);
    }
  }

  private static String signed(KeyPair pair) throws GeneralSecurityException {
    Instant now = Instant.now();
    String claims =
        """
        {"iss":"%s","sub":"8b1f6a5e-ann","aud":["shop","cart"],"iat":%d,"exp":%d,"scope":"read write",\
        "email":"ann@example.com","team":"shoes","groups":["buyers","testers","shoes"]}"""
            .formatted(ISSUER, now.getEpochSecond(), now.plus(Duration.ofDays(1)).getEpochSecond());
    String text =
        encoded("{\"alg\":\"ES256\",\"typ\":\"JWT\",\"kid\":\"1\"}") + "." + encoded(claims);
    Signature signature = Signature.getInstance("SHA256withECDSAinP1363Format");
    signature.initSign(pair.getPrivate());
    signature.update(text.getBytes(US_ASCII));
    return text + "." + BASE64.encodeToString(signature.sign());
  }

  private static String keys(ECPublicKey key) {
    return "{\"keys\":[{\"kty\":\"EC\",\"crv\":\"P-256\",\"kid\":\"1\",\"x\":\"%s\",\"y\":\"%s\"}]}"
        .formatted(coordinate(key.getW().getAffineX()), coordinate(key.getW().getAffineY()));
  }

  private static String encoded(String text) {
    return BASE64.encodeToString(text.getBytes(US_ASCII));
  }

  /** All of its bytes, whatever it begins with. */
  private static String coordinate(BigInteger value) {
    byte[] bytes = value.toByteArray();
    byte[] whole = new byte[COORDINATE];
    int count = Math.min(bytes.length, COORDINATE);
    System.arraycopy(bytes, bytes.length - count, whole, COORDINATE - count, count);
    return BASE64.encodeToString(whole);
  }
}
