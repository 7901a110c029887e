// SPDX-License-Identifier: Apache-2.0
package dev.culvert.waypoint.authenticate;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.culvert.policy.authz.request.TokenFacts;
import java.util.ArrayList;
import java.util.Base64;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;
import org.jose4j.json.JsonUtil;
import org.jose4j.lang.JoseException;
import org.jspecify.annotations.Nullable;

/**
 * The claims of a token (RFC 7519). Immutable but for what is worked out of it once: a token comes
 * with many requests, and each is asked for the same. Any thread.
 */
final class Token implements TokenFacts {
  /** Claims that are lists with spaces between, whatever a rule says. */
  static final Set<String> ALWAYS_SPACED = Set.of("scope", "permission");

  private static final List<String> AUDIENCE = List.of("aud");

  /** More than policies ask for of one; beyond it a claim is looked up each time. */
  private static final int MOST_KNOWN = 16;

  /** A claim that was asked for, before those that were before. */
  private record Known(List<String> path, List<String> values, @Nullable Known next, int count) {}

  private final String payload;
  private final Map<String, Object> claims;
  private final Set<String> spaced;
  private final String principal;
  private @Nullable String encoded;
  private volatile @Nullable Known known;
  private volatile @Nullable Token spacedOther;

  private Token(String payload, Map<String, Object> claims, Set<String> spaced) {
    this.payload = payload;
    this.claims = claims;
    this.spaced = spaced;
    this.principal = text("iss").isEmpty() ? "" : text("iss") + "/" + text("sub");
  }

  /** Reads a payload. */
  static Token of(String payload) throws RefusedTokenException {
    try {
      return new Token(payload, JsonUtil.parseJson(payload), ALWAYS_SPACED);
    } catch (JoseException e) {
      throw RefusedTokenException.unproved("Jwt payload is an invalid JSON");
    }
  }

  /** The same for a rule that takes these claims for lists with spaces between. */
  Token with(Set<String> spacedClaims) {
    if (spacedClaims.equals(spaced)) {
      return this;
    }
    Token other = spacedOther;
    if (other == null || !other.spaced.equals(spacedClaims)) {
      other = new Token(payload, claims, spacedClaims);
      spacedOther = other;
    }
    return other;
  }

  @Override
  public String principal() {
    return principal;
  }

  String issuer() {
    return text("iss");
  }

  private String text(String name) {
    return claims.get(name) instanceof String text ? text : "";
  }

  /** Checks when it may be used and for what. */
  void check(List<String> audiences, long now, long skew) throws RefusedTokenException {
    if (seconds("exp", Long.MAX_VALUE) < now - skew) {
      throw RefusedTokenException.unproved("Jwt is expired");
    }
    if (seconds("nbf", Long.MIN_VALUE) > now + skew) {
      throw RefusedTokenException.unproved("Jwt not yet valid");
    }
    if (!audiences.isEmpty() && Collections.disjoint(claim(AUDIENCE), audiences)) {
      throw RefusedTokenException.forOthers("Audiences in Jwt are not allowed");
    }
  }

  /** Whether it may not be used any more, by its own word alone. */
  boolean isExpired(long now) {
    return claims.get("exp") instanceof Number number && (long) number.doubleValue() < now;
  }

  /** A time that is no number is no reason to take a token for longer. */
  private long seconds(String name, long absent) throws RefusedTokenException {
    Object value = claims.get(name);
    if (value == null) {
      return absent;
    }
    if (value instanceof Number number) {
      return (long) number.doubleValue();
    }
    throw RefusedTokenException.unproved("Jwt claim %s is no time".formatted(name));
  }

  /** As headers carry it: base64url without padding. */
  String encoded() {
    String known = encoded;
    if (known == null) {
      known = Base64.getUrlEncoder().withoutPadding().encodeToString(payload.getBytes(UTF_8));
      encoded = known;
    }
    return known;
  }

  @Override
  public List<String> claim(List<String> path) {
    Known first = known;
    for (Known one = first; one != null; one = one.next) {
      if (one.path.equals(path)) {
        return one.values;
      }
    }
    List<String> values = List.copyOf(lookUp(path));
    int count = first == null ? 0 : first.count;
    if (count < MOST_KNOWN) {
      known = new Known(List.copyOf(path), values, first, count + 1);
    }
    return values;
  }

  private List<String> lookUp(List<String> path) {
    Object value = claims;
    for (String name : path) {
      value = value instanceof Map<?, ?> map ? map.get(name) : null;
    }
    List<String> texts = new ArrayList<>();
    if (value instanceof List<?> list) {
      list.forEach(item -> add(item, texts));
    } else if (value instanceof String text && spaced.contains(String.join(".", path))) {
      Stream.of(text.split(" ", -1)).filter(one -> !one.isEmpty()).forEach(texts::add);
    } else {
      add(value, texts);
    }
    return texts;
  }

  private static void add(Object value, List<String> texts) {
    if (value instanceof String || value instanceof Number || value instanceof Boolean) {
      texts.add(value.toString());
    }
  }
}
