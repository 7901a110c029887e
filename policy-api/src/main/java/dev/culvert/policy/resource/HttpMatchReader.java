// SPDX-License-Identifier: Apache-2.0
package dev.culvert.policy.resource;

import dev.culvert.policy.route.HttpMatch;
import dev.culvert.policy.route.PathMatch;
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
        named(match, "headers", true),
        named(match, "queryParams", false));
  }

  private static PathMatch path(ObjectReader path) {
    String value = path.parsed("value", HttpMatchReader::absolute).orElse("/");
    return switch (path.text("type", "PathPrefix")) {
      case "Exact" -> new PathMatch.Exact(value);
      case "PathPrefix" -> new PathMatch.Prefix(value);
      default -> {
        path.error("type", "only exact paths and prefixes match", "write Exact or PathPrefix");
        yield PathMatch.ANY;
      }
    };
  }

  private static String absolute(String text) {
    if (!text.startsWith("/") || text.contains("//") || text.contains("/../")) {
      throw new InvalidValueException(
          "'%s' is no path that a request can have".formatted(text),
          "begin with / and leave out empty and dot segments");
    }
    return text;
  }

  /** The first of several with one name counts (HTTPRouteMatch.headers). */
  private static Map<String, String> named(ObjectReader match, String field, boolean fold) {
    Map<String, String> named = new LinkedHashMap<>();
    for (ObjectReader one : match.objects(field)) {
      one.require("name", "name it");
      one.require("value", "write the value that it must have");
      if (!one.text("type", "Exact").equals("Exact")) {
        one.error("type", "only exact values match", "write Exact");
      }
      String name = one.text("name", "");
      Optional<String> value = one.text("value");
      value.ifPresent(v -> named.putIfAbsent(fold ? name.toLowerCase(Locale.ROOT) : name, v));
    }
    return named;
  }
}
