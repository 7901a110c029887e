// SPDX-License-Identifier: Apache-2.0
package dev.culvert.waypoint.authenticate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.culvert.policy.resource.JwtRule;
import dev.culvert.policy.resource.RequestAuthentication;
import dev.culvert.policy.resource.ResourceFiles;
import dev.culvert.waypoint.kept.Kept;
import dev.culvert.waypoint.peers.TokenIssuer;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.jose4j.lang.JoseException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Rules that share keys, and the tokens that these proved. */
final class IssuerTest {
  private static final long NOW = 1_800_000_000;

  private final KeySources keys = new KeySources();
  private TokenIssuer signer;

  @BeforeEach
  void start() throws IOException, JoseException {
    signer = TokenIssuer.of("ES256");
    keys.begin();
  }

  @AfterEach
  void stop() {
    keys.close();
    signer.close();
  }

  private Issuer rule(String more) {
    ResourceFiles files =
        ResourceFiles.empty()
            .with(
                Map.of(
                    "t.yaml",
                    """
                    apiVersion: security.istio.io/v1
                    kind: RequestAuthentication
                    metadata: {name: t, namespace: shop}
                    spec: {jwtRules: [{jwks: '%s', %s}]}
                    """
                        .formatted(signer.jwks(), more)));
    assertThat(files.errors()).isEmpty();
    JwtRule rule =
        files
            .resources(RequestAuthentication.class)
            .findFirst()
            .orElseThrow()
            .jwtRules()
            .getFirst();
    return Issuer.of(
        rule,
        keys,
        new Kept(),
        problem -> {
          throw new AssertionError(problem);
        });
  }

  private String token(long expires) throws JoseException {
    return signer.token(
        "{\"iss\":\"id\",\"sub\":\"ann\",\"aud\":\"shop\",\"groups\":\"a b\",\"exp\":%d}"
            .formatted(expires));
  }

  private static void refused(ThrowingCallable asking, String why) {
    assertThatThrownBy(asking).isInstanceOf(RefusedTokenException.class).hasMessage(why);
  }

  @Test
  void tokenIsUnknownUntilItWasProved() throws Exception {
    Issuer issuer = rule("issuer: id");
    String token = token(NOW + 100);
    assertThat(issuer.known(token, NOW)).isNull();
    assertThat(issuer.prove(UnprovedToken.of(token), NOW).principal()).isEqualTo("id/ann");
    assertThat(issuer.known(token, NOW)).isNotNull();
    assertThat(issuer.known(token + "x", NOW)).isNull();
  }

  @Test
  void knownTokenExpires() throws Exception {
    Issuer issuer = rule("issuer: id");
    String token = token(NOW + 100);
    assertThat(issuer.prove(UnprovedToken.of(token), NOW)).isNotNull();
    assertThat(issuer.known(token, NOW + 160)).as("a minute of skew").isNotNull();
    refused(() -> issuer.known(token, NOW + 161), "Jwt is expired");
    assertThat(issuer.known(token, NOW + 161)).as("it was forgotten").isNull();
    refused(() -> issuer.prove(UnprovedToken.of(token), NOW + 161), "Jwt is expired");
    assertThat(issuer.known(token, NOW + 161)).as("it is not kept").isNull();
  }

  @Test
  void tokenThatOneRuleProvedIsNoneOfAnotherIssuers() throws Exception {
    Issuer issuer = rule("issuer: id");
    Issuer other = rule("issuer: other");
    String token = token(NOW + 100);
    assertThat(issuer.prove(UnprovedToken.of(token), NOW)).isNotNull();
    assertThat(other.known(token, NOW)).isNull();
    assertThat(other.isOf(UnprovedToken.of(token))).isFalse();
    refused(() -> other.prove(UnprovedToken.of(token), NOW), "Jwt issuer is not configured");
  }

  @Test
  void eachRuleAsksForItsOwnAudience() throws Exception {
    Issuer shop = rule("issuer: id, audiences: [shop]");
    Issuer bank = rule("issuer: id, audiences: [bank]");
    String token = token(NOW + 100);
    assertThat(shop.prove(UnprovedToken.of(token), NOW)).isNotNull();
    refused(() -> bank.known(token, NOW), "Audiences in Jwt are not allowed");
    assertThat(shop.known(token, NOW)).isNotNull();
  }

  @Test
  void eachRuleReadsClaimsInItsOwnWay() throws Exception {
    Issuer one = rule("issuer: id");
    Issuer spaced = rule("issuer: id, spaceDelimitedClaims: [groups]");
    String token = token(NOW + 100);
    assertThat(one.prove(UnprovedToken.of(token), NOW).claim(List.of("groups")))
        .containsExactly("a b");
    Token seen = spaced.known(token, NOW);
    assertThat(seen).isNotNull();
    assertThat(seen.claim(List.of("groups"))).containsExactly("a", "b");
    assertThat(one.known(token, NOW).claim(List.of("groups"))).containsExactly("a b");
  }

  @Test
  void tokenOfAKeyThatIsGoneIsUnknown() throws Exception {
    String token = token(NOW + 100);
    assertThat(rule("issuer: id").prove(UnprovedToken.of(token), NOW)).isNotNull();
    assertThat(rule("issuer: id").known(token, NOW)).as("the same keys").isNotNull();
    signer.rotate();
    Issuer next = rule("issuer: id");
    assertThat(next.known(token, NOW)).isNull();
    refused(() -> next.prove(UnprovedToken.of(token), NOW), "Jwt verification fails");
  }

  @Test
  void keysThatNobodyUsesAreForgottenWithWhatTheyProved() throws Exception {
    String token = token(NOW + 100);
    assertThat(rule("issuer: id").prove(UnprovedToken.of(token), NOW)).isNotNull();
    keys.begin();
    keys.end();
    keys.begin();
    assertThat(rule("issuer: id").known(token, NOW)).isNull();
  }
}
