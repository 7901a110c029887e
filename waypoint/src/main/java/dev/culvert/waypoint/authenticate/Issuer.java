// SPDX-License-Identifier: Apache-2.0
package dev.culvert.waypoint.authenticate;

import dev.culvert.policy.resource.JwtRule;
import dev.culvert.waypoint.http.LookAlikes;
import dev.culvert.waypoint.kept.Kept;
import io.netty.handler.codec.http.HttpHeaders;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.util.AsciiString;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** Those whose tokens a rule takes, and its keys. Any thread. */
public final class Issuer {
  /** Clocks differ; what Envoy grants. */
  private static final long SKEW_SECONDS = Duration.ofMinutes(1).toSeconds();

  private final JwtRule rule;
  private final KeySource source;
  private final Place[] places;
  private final ClaimHeader[] claims;
  private final @Nullable AsciiString payload;
  private final @Nullable LookAlikes lookAlikes;
  private final Set<String> spaced;

  private record ClaimHeader(AsciiString header, List<String> path) {}

  /**
   * Those of a rule.
   *
   * @param keys where its keys come from
   * @param kept of those of before
   * @param problem hears why it takes no token
   */
  public static Issuer of(JwtRule rule, KeySources keys, Kept kept, Consumer<String> problem) {
    return kept.of(new IssuerOf(rule, keys.of(rule, problem)), new ArrayList<>());
  }

  Issuer(JwtRule rule, KeySource source) {
    this.rule = rule;
    this.source = source;
    this.places = Place.of(rule.from()).toArray(Place[]::new);
    this.spaced = spaced(rule);
    this.payload = rule.payloadHeader().map(AsciiString::cached).orElse(null);
    this.claims =
        rule.claimHeaders().entrySet().stream()
            .map(one -> new ClaimHeader(AsciiString.cached(one.getKey()), path(one.getValue())))
            .toArray(ClaimHeader[]::new);
    List<String> told =
        Stream.concat(rule.payloadHeader().stream(), rule.claimHeaders().keySet().stream())
            .toList();
    this.lookAlikes = told.isEmpty() ? null : new LookAlikes(told);
  }

  private static List<String> path(String claim) {
    return List.of(claim.split("\\.", -1));
  }

  /** The very set of all tokens where it has no more than that: it then is told by itself. */
  private static Set<String> spaced(JwtRule rule) {
    if (Token.ALWAYS_SPACED.containsAll(rule.spacedClaims())) {
      return Token.ALWAYS_SPACED;
    }
    Set<String> all = new HashSet<>(Token.ALWAYS_SPACED);
    all.addAll(rule.spacedClaims());
    return Set.copyOf(all);
  }

  /** The tokens where it looks for them, of whichever issuer. */
  void find(HttpRequest head, Consumer<FoundToken> found) {
    for (Place place : places) {
      place.find(head, text -> found.accept(new FoundToken(this, text, place)));
    }
  }

  boolean isOf(UnprovedToken token) {
    return token.issuer().equals(rule.issuer());
  }

  /**
   * What a token says that the keys of now proved before; null when they did not, or when it is
   * another issuer's.
   *
   * @param now seconds since 1970
   * @throws RefusedTokenException when it is not taken any more
   */
  @Nullable Token known(String text, long now) throws RefusedTokenException {
    TokenKeys keys = source.keys();
    Token token = keys.known(text);
    if (token == null || !token.issuer().equals(rule.issuer())) {
      return null;
    }
    if (token.isExpired(now - SKEW_SECONDS)) {
      keys.forget(text);
    }
    return checked(token, now);
  }

  /**
   * What a token says.
   *
   * @param now seconds since 1970
   * @throws RefusedTokenException when it is not taken
   */
  Token prove(UnprovedToken unproved, long now) throws RefusedTokenException {
    TokenKeys keys = source.keys();
    if (!keys.knows(unproved.keyId())) {
      source.missing();
    }
    Token token = keys.prove(unproved.text());
    if (!token.issuer().equals(rule.issuer())) {
      throw RefusedTokenException.unproved("Jwt issuer is not configured");
    }
    if (!token.isExpired(now - SKEW_SECONDS)) {
      keys.remember(unproved.text(), token, now - SKEW_SECONDS);
    }
    return checked(token, now);
  }

  private Token checked(Token token, long now) throws RefusedTokenException {
    token.check(rule.audiences(), now, SKEW_SECONDS);
    return token.with(spaced);
  }

  /** What the app must believe comes from here only: a client's own are taken away. */
  void strip(HttpHeaders headers) {
    if (payload != null) {
      headers.remove(payload);
    }
    for (ClaimHeader claim : claims) {
      headers.remove(claim.header);
    }
    if (lookAlikes != null) {
      lookAlikes.strip(headers);
    }
  }

  /** Whether it tells the app of its tokens, in fields of its own. */
  boolean tells() {
    return lookAlikes != null;
  }

  /** Tells the app of a token that it proved. */
  void tell(Token token, FoundToken found, HttpRequest head) {
    if (!rule.forwardsToken()) {
      found.place().clear(head);
    }
    if (payload != null) {
      head.headers().set(payload, token.encoded());
    }
    for (ClaimHeader claim : claims) {
      value(token, claim.path).ifPresent(value -> head.headers().set(claim.header, value));
    }
  }

  /** A claim that no header can carry is left out. */
  private static Optional<String> value(Token token, List<String> path) {
    List<String> values = token.claim(path);
    String joined = String.join(",", values);
    boolean printable = joined.chars().allMatch(c -> c >= ' ' && c < 0x7f);
    return values.isEmpty() || !printable ? Optional.empty() : Optional.of(joined);
  }
}
