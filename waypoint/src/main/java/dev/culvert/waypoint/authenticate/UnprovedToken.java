// SPDX-License-Identifier: Apache-2.0
package dev.culvert.waypoint.authenticate;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.util.Base64;
import java.util.Map;
import org.jose4j.json.JsonUtil;
import org.jose4j.lang.JoseException;

/**
 * What a token claims about who made it; it says only which keys to prove it with.
 *
 * @param issuer empty for none
 * @param keyId empty for none
 */
record UnprovedToken(String text, String issuer, String keyId) {
  private static final String MALFORMED = "Jwt is not in the form of Header.Payload.Signature";

  static UnprovedToken of(String text) throws RefusedTokenException {
    String[] parts = text.split("\\.", -1);
    if (parts.length != 3) {
      throw RefusedTokenException.unproved(MALFORMED);
    }
    return new UnprovedToken(text, value(parts[1], "iss"), value(parts[0], "kid"));
  }

  private static String value(String part, String name) throws RefusedTokenException {
    try {
      Map<String, Object> object =
          JsonUtil.parseJson(new String(Base64.getUrlDecoder().decode(part), UTF_8));
      return object.get(name) instanceof String value ? value : "";
    } catch (IllegalArgumentException | JoseException e) {
      throw RefusedTokenException.unproved(MALFORMED);
    }
  }
}
