// SPDX-License-Identifier: Apache-2.0
package dev.culvert.cli.demo;

import dev.culvert.cli.lab.Await;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;

/** The store asks for a token of one issuer: a good one opens it, others are told why not. */
final class TokenPolicy implements Proof {
  private static final String FILE = "policy-token.yaml";
  private static final String URL = "http://store/";
  private static final Duration LIFE = Duration.ofHours(1);

  @Override
  public String claim() {
    return "A token is asked for, and only a good one is taken";
  }

  @Override
  public Findings examine(DemoMesh mesh) throws IOException {
    TokenIssuer issuer = TokenIssuer.make();
    TokenIssuer forger = TokenIssuer.make();
    Instant now = Instant.now();
    String good = issuer.token("ann", now.plus(LIFE));
    Findings findings = new Findings();
    mesh.lab().resources().write(FILE, policy(issuer));
    try {
      Await.until(
          "the store asks for tokens of the issuer",
          Timing.SOON,
          () -> mesh.status("client", URL).equals("403") && status(mesh, good).equals("200"));
      findings.saw(true, "without a token                403");
      findings.saw(true, "ann's token, good for an hour  200");
      see(
          findings,
          mesh,
          "another one's, bob             ",
          issuer.token("bob", now.plus(LIFE)),
          "403");
      see(
          findings,
          mesh,
          "ann's, signed by a forger      ",
          forger.token("ann", now.plus(LIFE)),
          "401");
      see(
          findings,
          mesh,
          "ann's, expired an hour ago     ",
          issuer.token("ann", now.minus(LIFE)),
          "401");
    } finally {
      mesh.lab().resources().delete(FILE);
    }
    Await.until(
        "the store asks for no token", Timing.SOON, () -> mesh.status("client", URL).equals("200"));
    return findings;
  }

  private static String policy(TokenIssuer issuer) {
    return """
    apiVersion: policy.culvert.dev/v1alpha1
    kind: RequestAuthentication
    metadata: {name: store-tokens, namespace: shop}
    spec:
      targetRefs: [{group: "", kind: Service, name: store}]
      jwtRules: [{issuer: %1$s, jwks: '%2$s'}]
    ---
    apiVersion: policy.culvert.dev/v1alpha1
    kind: AuthorizationPolicy
    metadata: {name: store-needs-token, namespace: shop}
    spec:
      targetRefs: [{group: "", kind: Service, name: store}]
      rules:
        - from: [{source: {requestPrincipals: ["%1$s/ann"]}}]
    """
        .formatted(issuer.name(), issuer.keys());
  }

  private static void see(
      Findings findings, DemoMesh mesh, String what, String token, String wanted)
      throws IOException {
    String seen = status(mesh, token);
    findings.saw(seen.equals(wanted), what + seen);
  }

  private static String status(DemoMesh mesh, String token) throws IOException {
    return mesh.status("client", "-H", "authorization: Bearer " + token, URL);
  }
}
