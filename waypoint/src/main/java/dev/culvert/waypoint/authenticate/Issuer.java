// SPDX-License-Identifier: Apache-2.0
package dev.culvert.waypoint.authenticate;

import dev.culvert.policy.resource.JwtRule;
import io.netty.handler.codec.http.HttpHeaders;
import io.netty.handler.codec.http.HttpRequest;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;

/** Those whose tokens a rule takes, and its keys. Any thread. */
public final class Issuer {
  /** Clocks differ; what Envoy grants. */
  private static final long SKEW_SECONDS = Duration.ofMinutes(1).toSeconds();

  private final JwtRule rule;
  private final KeySource source;
  private final List<Place> places;
  private final List<ClaimHeader> claims = new ArrayList<>();

  private record ClaimHeader(String header, List<String> path) {}

  /**
   * Those of a rule.
   *
   * @param keys where its keys come from
   * @param problem hears why it takes no token
   */
  public static Issuer of(JwtRule rule, KeySources keys, Consumer<String> problem) {
    return new Issuer(rule, keys.of(rule, problem));
  }

  private Issuer(JwtRule rule, KeySource source) {
    this.rule = rule;
    this.source = source;
    this.places = List.copyOf(Place.of(rule.from()));
    rule.claimHeaders()
        .forEach(
            (header, claim) ->
                claims.add(new ClaimHeader(header, List.of(claim.split("\\.", -1)))));
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
    Token token = keys.prove(unproved.text(), rule.spacedClaims());
    if (!token.issuer().equals(rule.issuer())) {
      throw RefusedTokenException.unproved("Jwt issuer is not configured");
    }
    token.check(rule.audiences(), now, SKEW_SECONDS);
    return token;
  }

  /** What the app must believe comes from here only: a client's own are taken away. */
  void strip(HttpHeaders headers) {
    rule.payloadHeader().ifPresent(headers::remove);
    for (ClaimHeader claim : claims) {
      headers.remove(claim.header);
    }
  }

  /** Tells the app of a token that it proved. */
  void tell(Token token, FoundToken found, HttpRequest head) {
    if (!rule.forwardsToken()) {
      found.place().clear(head);
    }
    rule.payloadHeader().ifPresent(name -> head.headers().set(name, token.encoded()));
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
