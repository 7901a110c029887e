// SPDX-License-Identifier: Apache-2.0
package dev.culvert.waypoint.authenticate;

import java.security.Key;
import java.security.PublicKey;
import java.util.ArrayList;
import java.util.List;
import org.jose4j.jwa.AlgorithmConstraints;
import org.jose4j.jwa.AlgorithmConstraints.ConstraintType;
import org.jose4j.jwk.JsonWebKey;
import org.jose4j.jwk.JsonWebKeySet;
import org.jose4j.jws.AlgorithmIdentifiers;
import org.jose4j.jws.JsonWebSignature;
import org.jose4j.lang.JoseException;
import org.jspecify.annotations.Nullable;

/**
 * The keys of an issuer at one time, and the tokens that they proved: those of a key that is gone
 * are forgotten with it. Any thread.
 */
final class TokenKeys {
  /** Proves nothing. */
  static final TokenKeys NONE = new TokenKeys(List.of());

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
  private final ProvedTokens<Token> proved = new ProvedTokens<>();

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
    for (JsonWebKey key : keys) {
      if (keyId.isEmpty() || keyId.equals(key.getKeyId())) {
        return true;
      }
    }
    return false;
  }

  /** What a token says that one of the keys signed, as was seen before; null when it was not. */
  @Nullable Token known(String text) {
    return proved.get(text);
  }

  /**
   * What a token says, when one of the keys signed it.
   *
   * @throws RefusedTokenException when none did
   */
  Token prove(String text) throws RefusedTokenException {
    return Token.of(payload(text));
  }

  /**
   * A token that was proved need not be proved again.
   *
   * @param now seconds since 1970; what expired before is forgotten first
   */
  void remember(String text, Token token, long now) {
    proved.remember(text, token, one -> one.isExpired(now));
  }

  /** One that expired will be asked for no more. */
  void forget(String text) {
    proved.forget(text);
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
