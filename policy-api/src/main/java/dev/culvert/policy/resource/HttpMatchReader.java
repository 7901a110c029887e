// SPDX-License-Identifier: Apache-2.0
package dev.culvert.policy.resource;

import dev.culvert.policy.route.HttpMatch;
import dev.culvert.policy.route.PathMatch;
import dev.culvert.policy.route.Regex;
import dev.culvert.policy.route.ValueMatch;
import dev.culvert.policy.text.OneLine;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/** Reads the conditions of a rule. */
final class HttpMatchReader {
  private HttpMatchReader() {}

  static HttpMatch read(ObjectReader match) {
    return new HttpMatch(
        path(match.object("path")),
        match.text("method"),
        headers(match),
        named(match, "queryParams", false));
  }

  /** The header fields that a condition names. */
  static Map<String, ValueMatch> headers(ObjectReader match) {
    return named(match, "headers", true);
  }

  private static PathMatch path(ObjectReader path) {
    return switch (path.text("type", "PathPrefix")) {
      case "Exact" -> new PathMatch.Exact(absolute(path));
      case "PathPrefix" -> new PathMatch.Prefix(absolute(path));
      case "RegularExpression" -> {
        path.require("value", "write the expression");
        yield path.parsed("value", HttpMatchReader::regex)
            .<PathMatch>map(PathMatch.Expression::new)
            .orElse(PathMatch.ANY);
      }
      default -> {
        path.error("type", "it is not known", "write Exact, PathPrefix or RegularExpression");
        yield PathMatch.ANY;
      }
    };
  }

  static Regex regex(String text) {
    try {
      return Regex.of(text);
    } catch (IllegalArgumentException e) {
      throw new InvalidValueException(
          "'%s' cannot be matched: %s".formatted(OneLine.of(text), e.getMessage()),
          "write an expression of RE2, see github.com/google/re2/wiki/Syntax");
    }
  }

  private static String absolute(ObjectReader path) {
    return path.parsed("value", HttpMatchReader::absolute).orElse("/");
  }

  /** What no request has after its path was brought into its normal form (HTTPPathMatch.value). */
  private static String absolute(String text) {
    boolean dots =
        text.contains("/./")
            || text.contains("/../")
            || text.endsWith("/.")
            || text.endsWith("/..");
    boolean escapedSlash = text.toLowerCase(Locale.ROOT).contains("%2f");
    if (!text.startsWith("/")
        || text.contains("//")
        || dots
        || escapedSlash
        || text.contains("#")
        || text.contains("?")) {
      throw new InvalidValueException(
          "'%s' is no path that a request can have".formatted(OneLine.of(text)),
          "begin with / and leave out empty and dot segments, encoded slashes, ? and #");
    }
    return text;
  }

  /** The first of several with one name counts (HTTPRouteMatch.headers). */
  private static Map<String, ValueMatch> named(ObjectReader match, String field, boolean fold) {
    Map<String, ValueMatch> named = new LinkedHashMap<>();
    for (ObjectReader one : match.objects(field)) {
      one.require("name", "name it");
      one.require("value", "write the value that it must have");
      String name = one.text("name", "");
      value(one).ifPresent(v -> named.putIfAbsent(fold ? name.toLowerCase(Locale.ROOT) : name, v));
    }
    return named;
  }

  private static Optional<ValueMatch> value(ObjectReader one) {
    return switch (one.text("type", "Exact")) {
      case "Exact" -> one.text("value").map(ValueMatch.Exact::new);
      case "RegularExpression" ->
          one.parsed("value", HttpMatchReader::regex).map(ValueMatch.Expression::new);
      default -> {
        one.error("type", "it is not known", "write Exact or RegularExpression");
        yield Optional.empty();
      }
    };
  }
}
