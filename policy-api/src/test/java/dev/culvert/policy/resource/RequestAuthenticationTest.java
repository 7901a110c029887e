// SPDX-License-Identifier: Apache-2.0
package dev.culvert.policy.resource;

import static org.assertj.core.api.Assertions.assertThat;

import dev.culvert.policy.resource.JwtRule.Header;
import dev.culvert.policy.resource.JwtRule.Places;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class RequestAuthenticationTest {

  @Test
  void everyFieldOfARule() {
    RequestAuthentication policy =
        Yaml.read(
            RequestAuthentication.class,
            yaml(
                """
                spec:
                  targetRefs: [{group: gateway.networking.k8s.io, kind: Gateway, name: door}]
                  jwtRules:
                  - issuer: https://id.example.com
                    audiences: [shop]
                    jwksUri: https://id.example.com/keys
                    fromHeaders: [{name: X-Jwt, prefix: "jwt "}]
                    fromParams: [token]
                    fromCookies: [session]
                    outputPayloadToHeader: X-Payload
                    outputClaimToHeaders: [{header: X-Sub, claim: user.id}]
                    forwardOriginalToken: true
                    timeout: 5s
                    spaceDelimitedClaims: [roles]
                """));

    assertThat(policy.targetRefs())
        .containsExactly(new TargetRef("gateway.networking.k8s.io", "Gateway", "door"));
    assertThat(policy.jwtRules())
        .containsExactly(
            new JwtRule(
                "https://id.example.com",
                List.of("shop"),
                Optional.of("https://id.example.com/keys"),
                Optional.empty(),
                new Places(
                    List.of(new Header("x-jwt", "jwt ")), List.of("token"), List.of("session")),
                Optional.of("x-payload"),
                Map.of("x-sub", "user.id"),
                true,
                List.of("roles")));
  }

  @Test
  void tokenIsABearerUnlessWritten() {
    RequestAuthentication policy =
        Yaml.read(RequestAuthentication.class, yaml("spec: {jwtRules: [{issuer: a, jwks: '{}'}]}"));
    assertThat(policy.jwtRules().getFirst().from()).isEqualTo(Places.USUAL);
    assertThat(policy.jwtRules().getFirst().forwardsToken()).isFalse();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      textBlock =
          """
          {jwks: "{}"}                                      | spec.jwtRules[0].issuer: it is missing
          {issuer: a}                                       | spec.jwtRules[0].jwksUri: it is missing, and the issuer is no URL; add jwksUri or jwks
          {issuer: a, jwksUri: "file:///keys"}              | spec.jwtRules[0].jwksUri: 'file:///keys' is no URL of keys
          {issuer: a, jwksUri: "http://a/k", jwks: "{}"}    | spec.jwtRules[0].jwks: it cannot stand beside jwksUri
          {issuer: a, jwks: "{}", fromHeaders: [{}]}        | spec.jwtRules[0].fromHeaders[0].name: it is missing
          {issuer: a, jwks: "{}", outputPayloadToHeader: "a b"} | 'a b' is no name of a header field
          {issuer: a, jwks: "{}", outputClaimToHeaders: [{header: Host, claim: sub}]} | 'Host' means something else already
          {issuer: a, jwks: "{}", audience: [b]}            | spec.jwtRules[0].audience: unknown field; did you mean 'audiences'?
          """)
  void mistakeIsNamedWithItsRemedy(String rule, String problem) {
    assertThat(Yaml.error(yaml("spec: {jwtRules: [%s]}".formatted(rule)))).contains(problem);
  }

  @Test
  void policyWithAMistakeTakesNoTokenAtAll() {
    ResourceFiles files =
        ResourceFiles.empty().with(Map.of("a.yaml", yaml("spec: {jwtRules: [{issuer: a}]}")));
    assertThat(files.resources(RequestAuthentication.class))
        .singleElement()
        .extracting(RequestAuthentication::jwtRules)
        .isEqualTo(List.of(JwtRule.CLOSED));
  }

  private static String yaml(String part) {
    return """
    apiVersion: security.istio.io/v1
    kind: RequestAuthentication
    metadata: {name: tokens, namespace: shop}
    """
        + part;
  }
}
