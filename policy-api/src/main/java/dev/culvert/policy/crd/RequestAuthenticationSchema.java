// SPDX-License-Identifier: Apache-2.0
package dev.culvert.policy.crd;

/** The spec of a RequestAuthentication. */
final class RequestAuthenticationSchema {
  private static final int MOST = 64;

  private RequestAuthenticationSchema() {}

  static Schema spec() {
    return Schema.object("Whose tokens requests may carry; a bad token is answered with 401.")
        .field("selector", Selectors.selector())
        .field("targetRef", Selectors.target("The Gateway it is attached to."))
        .field(
            "targetRefs",
            Schema.list(
                "The Gateways it is attached to.",
                16,
                Selectors.target("A Gateway of the policy's namespace.")))
        .field("jwtRules", Schema.list("One for each issuer.", MOST, rule()))
        .rule(
            "!(has(self.selector) && has(self.selector.matchLabels)"
                + " && size(self.selector.matchLabels) > 0 && (has(self.targetRef)"
                + " || (has(self.targetRefs) && size(self.targetRefs) > 0)))",
            "selector cannot stand beside targetRefs; remove one of them");
  }

  private static Schema rule() {
    return Schema.object("The tokens of one issuer.")
        .field("issuer", Schema.text("The claim iss of its tokens.").with("minLength", 1))
        .field("audiences", some("Of which the claim aud must have one; absent, any will do."))
        .field(
            "jwksUri",
            Schema.text("Where its keys are; absent, its OpenID configuration tells.")
                .with("pattern", "^https?://.+$"))
        .field("jwks", Schema.text("Its keys, as a JSON Web Key Set.").with("minLength", 1))
        .field(
            "fromHeaders",
            Schema.list(
                "Header fields that its tokens come in; by default Authorization: Bearer.",
                MOST,
                Schema.object("A header field.")
                    .field("name", name("Its name."))
                    .field("prefix", Schema.text("What stands before the token."))
                    .required("name")))
        .field("fromParams", some("Query parameters that its tokens come in."))
        .field("fromCookies", some("Cookies that its tokens come in."))
        .field("outputPayloadToHeader", name("The header field that gets the payload."))
        .field(
            "outputClaimToHeaders",
            Schema.list(
                "Header fields that get claims.",
                MOST,
                Schema.object("A header field and its claim.")
                    .field("header", name("Its name."))
                    .field("claim", Schema.text("The claim; dots between nested names."))
                    .required("header", "claim")))
        .field(
            "forwardOriginalToken",
            Schema.bare("boolean").with("description", "Whether the app gets the token too."))
        .field("timeout", Schema.text("No effect: no request waits for keys to be fetched."))
        .field("spaceDelimitedClaims", some("Claims that are lists with spaces between."))
        .required("issuer")
        .rule(
            "!(has(self.jwks) && has(self.jwksUri))",
            "jwks cannot stand beside jwksUri; remove one of them");
  }

  private static Schema name(String description) {
    return Schema.text(description).with("pattern", "^[!#$%&'*+.^_`|~0-9A-Za-z-]+$");
  }

  private static Schema some(String description) {
    return Schema.list(description, MOST, Texts.some());
  }
}
