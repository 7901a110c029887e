// SPDX-License-Identifier: Apache-2.0
package dev.culvert.waypoint.gateway;

import static org.assertj.core.api.Assertions.assertThat;

import dev.culvert.waypoint.peers.Await;
import dev.culvert.waypoint.peers.Http2Peer;
import dev.culvert.waypoint.peers.TokenIssuer;
import dev.culvert.waypoint.peers.Wire;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetSocketAddress;
import java.time.Instant;
import org.jose4j.lang.JoseException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Which tokens are taken, and for whom. */
@Timeout(120)
final class AuthenticationTest extends TokenCase {
  @Test
  void requestWithoutATokenGoesOnUnlessAPolicyAsksForOne() throws IOException, JoseException {
    authenticate("");
    open();
    assertThat(status("GET", "/")).isEqualTo(200);
    allow("from: [{source: {requestPrincipals: [id/ann]}}]");
    String token = issuer.token(CLAIMS);
    Await.until("a token is asked for", () -> isAnswered(200, token) && isDenied());
  }

  private boolean isDenied() {
    try {
      return status("GET", "/") == 403;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "EdDSA"
      })
  void everyAlgorithmOfSignatures(String algorithm) throws IOException, JoseException {
    issuer.close();
    issuer = TokenIssuer.of(algorithm);
    authenticate("");
    open();
    assertThat(status("GET", "/", bearer(issuer.token(CLAIMS)))).isEqualTo(200);
    try (TokenIssuer other = TokenIssuer.of(algorithm)) {
      assertThat(status("GET", "/", bearer(other.token(CLAIMS)))).isEqualTo(401);
    }
  }

  @Test
  void refusalSaysWhyAndWhatIsAskedFor() throws IOException {
    authenticate("");
    open();
    Wire.Message refused = ask("GET", "/cart?x=1", bearer("a.b"));
    assertThat(refused.status()).isEqualTo(401);
    assertThat(refused.body()).isEqualTo("Jwt is not in the form of Header.Payload.Signature");
    assertThat(refused.field("www-authenticate"))
        .hasValue("Bearer realm=\"http://shop.example.com/cart\", error=\"invalid_token\"");
    assertThat(backend.requests()).isEmpty();
  }

  @Test
  void tokenOfAnotherIssuerIsRefused() throws IOException, JoseException {
    authenticate("");
    open();
    Wire.Message refused = ask("GET", "/", bearer(issuer.token("{\"iss\":\"else\"}")));
    assertThat(refused.status()).isEqualTo(401);
    assertThat(refused.body()).isEqualTo("Jwt issuer is not configured");
  }

  @Test
  void timesOfATokenCountWithAMinuteOfSkew() throws IOException, JoseException {
    authenticate("");
    open();
    long now = Instant.now().getEpochSecond();
    assertThat(status("GET", "/", bearer(issuer.token(timed("exp", now + 600))))).isEqualTo(200);
    assertThat(status("GET", "/", bearer(issuer.token(timed("exp", now - 20))))).isEqualTo(200);
    Wire.Message late = ask("GET", "/", bearer(issuer.token(timed("exp", now - 600))));
    assertThat(late.status()).isEqualTo(401);
    assertThat(late.body()).isEqualTo("Jwt is expired");
    Wire.Message early = ask("GET", "/", bearer(issuer.token(timed("nbf", now + 600))));
    assertThat(early.body()).isEqualTo("Jwt not yet valid");
  }

  @Test
  void rememberedTokenIsLookedAtForItsTimesAgain() throws IOException, JoseException {
    authenticate("");
    open();
    String token = issuer.token(timed("exp", Instant.now().getEpochSecond() - 56));
    assertThat(status("GET", "/", bearer(token))).isEqualTo(200);
    Await.until("it is too old", () -> isAnswered(401, token));
  }

  private static String timed(String claim, long seconds) {
    return "{\"iss\":\"id\",\"sub\":\"ann\",\"%s\":%d}".formatted(claim, seconds);
  }

  @Test
  void audiences() throws IOException, JoseException {
    authenticate(", audiences: [shop, bank]");
    open();
    assertThat(status("GET", "/", bearer(issuer.token(audience("[\"x\",\"shop\"]")))))
        .isEqualTo(200);
    assertThat(status("GET", "/", bearer(issuer.token(audience("\"bank\""))))).isEqualTo(200);
    assertThat(status("GET", "/", bearer(issuer.token(audience("\"x\""))))).isEqualTo(403);
    assertThat(status("GET", "/", bearer(issuer.token(CLAIMS)))).isEqualTo(403);
  }

  private static String audience(String json) {
    return "{\"iss\":\"id\",\"aud\":%s}".formatted(json);
  }

  @Test
  void claimsInPolicies() throws IOException, JoseException {
    authenticate("");
    allow(
        "when: [{key: 'request.auth.claims[org][team]', values: [core]},"
            + " {key: 'request.auth.claims[scope]', values: [write]}]");
    open();
    assertThat(status("GET", "/", bearer(issuer.token(teams("[\"x\",\"core\"]", "read write")))))
        .isEqualTo(200);
    assertThat(status("GET", "/", bearer(issuer.token(teams("\"core\"", "write"))))).isEqualTo(200);
    assertThat(status("GET", "/", bearer(issuer.token(teams("\"x\"", "write"))))).isEqualTo(403);
    assertThat(status("GET", "/", bearer(issuer.token(teams("\"core\"", "rewrite")))))
        .isEqualTo(403);
  }

  private static String teams(String team, String scope) {
    return "{\"iss\":\"id\",\"org\":{\"team\":%s},\"scope\":\"%s\"}".formatted(team, scope);
  }

  @Test
  void severalIssuers() throws IOException, JoseException {
    try (TokenIssuer other = TokenIssuer.of("RS256")) {
      authenticate("}, {issuer: other, jwks: '%s'".formatted(other.jwks()));
      allow("from: [{source: {requestPrincipals: [other/*]}}]");
      open();
      String good = "{\"iss\":\"other\",\"sub\":\"bob\"}";
      assertThat(status("GET", "/", bearer(other.token(good)))).isEqualTo(200);
      assertThat(status("GET", "/", bearer(issuer.token(CLAIMS)))).isEqualTo(403);
      assertThat(status("GET", "/", bearer(issuer.token(good)))).isEqualTo(401);
    }
  }

  @Test
  void policyThatCannotBeReadTakesNoToken() throws IOException, JoseException {
    write("tokens.yaml", authentication("issuer: id, jwk: '%s'".formatted(issuer.jwks())));
    open();
    assertThat(status("GET", "/", bearer(issuer.token(CLAIMS)))).isEqualTo(401);
  }

  @Test
  void tokenOverHttp2() throws IOException, JoseException, InterruptedException {
    authenticate("");
    allow("from: [{source: {requestPrincipals: [id/ann]}}]");
    open();
    InetSocketAddress address = door.address();
    try (Http2Peer client = Http2Peer.client(address)) {
      String good = "Bearer " + issuer.token(CLAIMS);
      assertThat(answer(client, "authorization", good)).isEqualTo("200");
      assertThat(answer(client, "authorization", "Bearer x")).isEqualTo("401");
      assertThat(answer(client, "x-nothing", "x")).isEqualTo("403");
    }
  }

  private static String answer(Http2Peer client, String name, String value)
      throws InterruptedException {
    return client
        .open(Http2Peer.request("GET", "/", name, value).authority("shop.example.com"), true)
        .headers()
        .status()
        .toString();
  }
}
