// SPDX-License-Identifier: Apache-2.0
package dev.culvert.waypoint.authenticate;

import dev.culvert.waypoint.exchange.Exchange;
import dev.culvert.waypoint.exchange.LocalAnswer;
import dev.culvert.waypoint.exchange.Phase;
import dev.culvert.waypoint.http.ResponseFlag;
import io.netty.handler.codec.http.DefaultHttpHeaders;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaders;
import io.netty.handler.codec.http.HttpRequest;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Proves the token of a request. One with a token that is good for none of the issuers is refused;
 * one without goes on as nobody.
 */
public final class Authenticate implements Phase {
  private final Issuer[] issuers;
  private final boolean tells;
  private final ProvedTokens<UnprovedToken> read = new ProvedTokens<>();

  /**
   * @param issuers whose tokens are taken
   */
  public Authenticate(List<Issuer> issuers) {
    this.issuers = issuers.toArray(Issuer[]::new);
    this.tells = issuers.stream().anyMatch(Issuer::tells);
  }

  @Override
  public Step run(Exchange exchange) {
    List<FoundToken> found = take(exchange.head());
    if (tells) {
      exchange.onTrailers(this::strip);
    }
    RefusedTokenException refused = null;
    for (FoundToken one : found) {
      try {
        if (isTaken(one, exchange)) {
          return Step.NEXT;
        }
      } catch (RefusedTokenException e) {
        refused = e;
      }
    }
    return found.isEmpty() ? Step.NEXT : refuse(exchange, refused);
  }

  /** Finds tokens first: a field that one comes in may be one that the app is told in. */
  private List<FoundToken> take(HttpRequest head) {
    List<FoundToken> found = new ArrayList<>();
    for (Issuer issuer : issuers) {
      issuer.find(head, found::add);
    }
    strip(head.headers());
    return found;
  }

  private void strip(HttpHeaders headers) {
    for (Issuer issuer : issuers) {
      issuer.strip(headers);
    }
  }

  private boolean isTaken(FoundToken found, Exchange exchange) throws RefusedTokenException {
    Issuer issuer = found.issuer();
    long now = System.currentTimeMillis() / 1000;
    Token token = issuer.known(found.text(), now);
    if (token == null) {
      UnprovedToken unproved = read(found.text());
      if (!issuer.isOf(unproved)) {
        return false;
      }
      token = issuer.prove(unproved, now);
      read.remember(unproved.text(), unproved, _ -> false);
    }
    issuer.tell(token, found, exchange.head());
    exchange.findings().authenticated(token);
    return true;
  }

  /** A token that one issuer proved is read again by none of those that are asked before it. */
  private UnprovedToken read(String text) throws RefusedTokenException {
    UnprovedToken known = read.get(text);
    return known == null ? UnprovedToken.of(text) : known;
  }

  private static Step refuse(Exchange exchange, @Nullable RefusedTokenException refused) {
    int status = refused == null ? 401 : refused.status();
    String problem = refused == null ? "Jwt issuer is not configured" : refused.getMessage();
    HttpHeaders headers = new DefaultHttpHeaders();
    headers.set(HttpHeaderNames.CONTENT_TYPE, "text/plain");
    if (status == 401) {
      headers.set(HttpHeaderNames.WWW_AUTHENTICATE, challenge(exchange));
    }
    exchange.answer(new LocalAnswer(status, ResponseFlag.DENIED, problem, headers, problem));
    return Step.ANSWERED;
  }

  /** As RFC 6750, section 3, and Envoy write it. */
  private static String challenge(Exchange exchange) {
    String scheme = exchange.connection().secure() ? "https" : "http";
    String host = exchange.head().headers().get(HttpHeaderNames.HOST, "");
    String path = exchange.account().uri().replaceFirst("\\?.*$", "").replace("\"", "%22");
    return "Bearer realm=\"%s://%s%s\", error=\"invalid_token\"".formatted(scheme, host, path);
  }
}
