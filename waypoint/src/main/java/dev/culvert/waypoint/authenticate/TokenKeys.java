// SPDX-License-Identifier: Apache-2.0
package dev.culvert.waypoint.authenticate;

import java.security.Key;
import java.security.PublicKey;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.jose4j.jwa.AlgorithmConstraints;
import org.jose4j.jwa.AlgorithmConstraints.ConstraintType;
import org.jose4j.jwk.JsonWebKey;
import org.jose4j.jwk.JsonWebKeySet;
import org.jose4j.jws.AlgorithmIdentifiers;
import org.jose4j.jws.JsonWebSignature;
import org.jose4j.lang.JoseException;

/**
 * The keys of an issuer at one time, and the tokens that they proved: those of a key that is gone
 * are forgotten with it. Any thread.
 */
final class TokenKeys {
  /** Proves nothing. */
  static final TokenKeys NONE = new TokenKeys(List.of());

  /** With the longest token about 16 MiB; more bearers than this are proved again. */
  private static final int MOST_PROVED = 4096;

  private static final int LONGEST_REMEMBERED = 4096;

  /** Without "none", and without HMAC, for which a public key would be a secret. */
  private static final AlgorithmConstraints ALGORITHMS =
      new AlgorithmConstraints(
          ConstraintType.PERMIT,
          AlgorithmIdentifiers.RSA_USING_SHA256,
          AlgorithmIdentifiers.RSA_USING_SHA384,
          AlgorithmIdentifiers.RSA_USING_SHA512,
          AlgorithmIdentifiers.RSA_PSS_USING_SHA256,
          AlgorithmIdentifiers.RSA_PSS_USING_SHA384,
          AlgorithmIdentifiers.RSA_PSS_USING_SHA512,
          AlgorithmIdentifiers.ECDSA_USING_P256_CURVE_AND_SHA256,
          AlgorithmIdentifiers.ECDSA_USING_P384_CURVE_AND_SHA384,
          AlgorithmIdentifiers.ECDSA_USING_P521_CURVE_AND_SHA512,
          AlgorithmIdentifiers.EDDSA);

  private final List<JsonWebKey> keys;
  private final Map<String, Token> proved = new ConcurrentHashMap<>();

  private TokenKeys(List<JsonWebKey> keys) {
    this.keys = List.copyOf(keys);
  }

  /**
   * Reads a JSON Web Key Set (RFC 7517); what is no public key for signatures is left out.
   *
   * @throws JoseException when it is none
   */
  static TokenKeys parse(String json) throws JoseException {
    List<JsonWebKey> usable = new ArrayList<>();
    for (JsonWebKey key : new JsonWebKeySet(json).getJsonWebKeys()) {
      boolean signs = key.getUse() == null || key.getUse().equals("sig");
      if (signs && key.getKey() instanceof PublicKey) {
        usable.add(key);
      }
    }
    return new TokenKeys(usable);
  }

  boolean isEmpty() {
    return keys.isEmpty();
  }

  /** Whether there is a key that a token could be signed with. */
  boolean knows(String keyId) {
    return keys.stream().anyMatch(key -> keyId.isEmpty() || keyId.equals(key.getKeyId()));
  }

  /**
   * What a token says, when one of the keys signed it.
   *
   * @param spaced claims that are lists with spaces between
   * @throws RefusedTokenException when none did
   */
  Token prove(String text, List<String> spaced) throws RefusedTokenException {
    Token known = proved.get(text);
    if (known != null) {
      return known;
    }
    Token token = Token.of(payload(text), spaced);
    if (text.length() <= LONGEST_REMEMBERED) {
      remember(text, token);
    }
    return token;
  }

  private void remember(String text, Token token) {
    if (proved.size() >= MOST_PROVED) {
      proved.clear();
    }
    proved.put(text, token);
  }

  private String payload(String text) throws RefusedTokenException {
    try {
      JsonWebSignature signature = new JsonWebSignature();
      signature.setAlgorithmConstraints(ALGORITHMS);
      signature.setCompactSerialization(text);
      for (JsonWebKey key : keys) {
        if (fits(key, signature) && isSignedWith(key.getKey(), signature)) {
          return signature.getPayload();
        }
      }
    } catch (JoseException e) {
      throw RefusedTokenException.unproved("Jwt is not in the form of Header.Payload.Signature");
    }
    throw RefusedTokenException.unproved(
        keys.isEmpty() ? "Jwks doesn't have any valid public key" : "Jwt verification fails");
  }

  private static boolean fits(JsonWebKey key, JsonWebSignature signature) {
    String id = signature.getKeyIdHeaderValue();
    String algorithm = signature.getAlgorithmHeaderValue();
    return (id == null || key.getKeyId() == null || id.equals(key.getKeyId()))
        && (key.getAlgorithm() == null || key.getAlgorithm().equals(algorithm));
  }

  private static boolean isSignedWith(Key key, JsonWebSignature signature) {
    try {
      signature.setKey(key);
      return signature.verifySignature();
    } catch (JoseException e) {
      // A key of another kind, or an algorithm that is not taken.
      return false;
    }
  }
}
