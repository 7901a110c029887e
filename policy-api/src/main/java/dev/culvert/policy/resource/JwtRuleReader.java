// SPDX-License-Identifier: Apache-2.0
package dev.culvert.policy.resource;

import dev.culvert.policy.resource.JwtRule.Header;
import dev.culvert.policy.resource.JwtRule.Places;
import java.net.URI;
import java.net.URISyntaxException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;

/** Reads and checks the rules of a RequestAuthentication. */
final class JwtRuleReader {
  private static final Pattern TOKEN = Pattern.compile("[!#$%&'*+\\-.^_`|~0-9A-Za-z]+");

  /** What requests are routed, framed or proved by: a claim must not become one of these. */
  private static final Set<String> NOT_FOR_CLAIMS =
      Set.of(
          "host",
          "connection",
          "content-length",
          "transfer-encoding",
          "te",
          "trailer",
          "upgrade",
          "expect",
          "authorization",
          "cookie");

  private JwtRuleReader() {}

  static JwtRule read(ObjectReader rule) {
    rule.require("issuer", "write what the claim iss of its tokens is");
    String issuer = rule.parsed("issuer", Literals::some).orElse("");
    Optional<String> uri = rule.parsed("jwksUri", JwtRuleReader::uri);
    Optional<String> keys = rule.parsed("jwks", Literals::some);
    if (rule.has("jwksUri") && rule.has("jwks")) {
      rule.error("jwks", "it cannot stand beside jwksUri", "remove one of them");
    }
    if (!issuer.isEmpty() && !rule.has("jwksUri") && !rule.has("jwks") && !isUri(issuer)) {
      rule.error("jwksUri", "it is missing, and the issuer is no URL", "add jwksUri or jwks");
    }
    // Keys are fetched ahead of requests, so that none waits for them.
    rule.know("timeout");
    return new JwtRule(
        issuer,
        rule.parsedItems("audiences", Literals::some),
        uri,
        keys,
        places(rule),
        rule.parsed("outputPayloadToHeader", JwtRuleReader::ownField),
        claimHeaders(rule),
        rule.flag("forwardOriginalToken", false),
        rule.parsedItems("spaceDelimitedClaims", Literals::some));
  }

  private static Places places(ObjectReader rule) {
    List<Header> headers = new ArrayList<>();
    for (ObjectReader one : rule.objects("fromHeaders")) {
      one.require("name", "name the header field");
      String prefix = one.text("prefix", "");
      one.parsed("name", JwtRuleReader::field)
          .ifPresent(name -> headers.add(new Header(name, prefix)));
    }
    List<String> params = rule.parsedItems("fromParams", Literals::some);
    List<String> cookies = rule.parsedItems("fromCookies", Literals::some);
    boolean none = headers.isEmpty() && params.isEmpty() && cookies.isEmpty();
    return none ? Places.USUAL : new Places(headers, params, cookies);
  }

  private static Map<String, String> claimHeaders(ObjectReader rule) {
    Map<String, String> headers = new LinkedHashMap<>();
    for (ObjectReader one : rule.objects("outputClaimToHeaders")) {
      one.require("header", "name the header field that gets the claim");
      one.require("claim", "name the claim");
      Optional<String> claim = one.parsed("claim", Literals::some);
      one.parsed("header", JwtRuleReader::ownField)
          .ifPresent(header -> claim.ifPresent(name -> headers.put(header, name)));
    }
    return headers;
  }

  private static String field(String text) {
    if (!TOKEN.matcher(text).matches()) {
      throw new InvalidValueException(
          "'%s' is no name of a header field".formatted(text), "write one such as x-jwt");
    }
    return text.toLowerCase(Locale.ROOT);
  }

  private static String ownField(String text) {
    String name = field(text);
    if (NOT_FOR_CLAIMS.contains(name)) {
      throw new InvalidValueException(
          "'%s' means something else already".formatted(text), "write one such as x-jwt-sub");
    }
    return name;
  }

  private static String uri(String text) {
    if (!isUri(text)) {
      throw new InvalidValueException(
          "'%s' is no URL of keys".formatted(text),
          "write one such as https://issuer.example.com/keys");
    }
    return text;
  }

  private static boolean isUri(String text) {
    try {
      URI uri = new URI(text);
      return ("https".equals(uri.getScheme()) || "http".equals(uri.getScheme()))
          && uri.getHost() != null;
    } catch (URISyntaxException e) {
      return false;
    }
  }
}
