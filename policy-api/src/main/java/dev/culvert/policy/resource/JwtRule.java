// SPDX-License-Identifier: Apache-2.0
package dev.culvert.policy.resource;

import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * The tokens of one issuer (RFC 7519): how they are found and proved, and what the app hears of
 * them.
 *
 * @param issuer the claim {@code iss}
 * @param audiences of which the claim {@code aud} must have one; empty takes all
 * @param jwksUri where its keys are; with neither this nor jwks, the issuer's OpenID configuration
 *     tells
 * @param jwks its keys (RFC 7517), written out
 * @param from where tokens are looked for
 * @param payloadHeader the header field that gets the payload, in base64url
 * @param claimHeaders the header fields that get claims: the claim of each, with dots between the
 *     names of nested ones
 * @param forwardsToken whether the app gets the token too
 * @param spacedClaims claims that are lists with spaces between, beside scope and permission
 */
public record JwtRule(
    String issuer,
    List<String> audiences,
    Optional<String> jwksUri,
    Optional<String> jwks,
    Places from,
    Optional<String> payloadHeader,
    Map<String, String> claimHeaders,
    boolean forwardsToken,
    List<String> spacedClaims) {

  /** Stands in for rules that could not be read: no token passes it. */
  static final JwtRule CLOSED =
      new JwtRule(
          "",
          List.of(),
          Optional.empty(),
          Optional.of("{\"keys\":[]}"),
          Places.USUAL,
          Optional.empty(),
          Map.of(),
          false,
          List.of());

  /**
   * Where tokens are looked for.
   *
   * @param headers header fields
   * @param params names of query parameters
   * @param cookies names of cookies
   */
  public record Places(List<Header> headers, List<String> params, List<String> cookies) {
    /** Where they are by RFC 6750. */
    public static final Places USUAL =
        new Places(
            List.of(new Header("authorization", "Bearer ")), List.of("access_token"), List.of());

    public Places {
      headers = List.copyOf(headers);
      params = List.copyOf(params);
      cookies = List.copyOf(cookies);
    }
  }

  /**
   * A header field.
   *
   * @param name in lower case
   * @param prefix what stands before the token; empty for nothing
   */
  public record Header(String name, String prefix) {}

  public JwtRule {
    audiences = List.copyOf(audiences);
    claimHeaders = Map.copyOf(claimHeaders);
    spacedClaims = List.copyOf(spacedClaims);
  }
}
