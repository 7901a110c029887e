// SPDX-License-Identifier: Apache-2.0
package dev.culvert.policy.resource;

import dev.culvert.policy.resource.HttpRouteFilter.PathChange;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.stream.Stream;

/**
 * Reads the filters of a rule. One that is not known is an error: it could be the one that counts.
 */
final class HttpRouteFilterReader {
  private static final Set<Integer> REDIRECTS = Set.of(301, 302, 303, 307, 308);

  private HttpRouteFilterReader() {}

  /**
   * Reads one.
   *
   * @param namespace of the route
   */
  static Optional<HttpRouteFilter> read(ObjectReader filter, String namespace) {
    filter.require("type", "name the filter");
    return switch (filter.text("type", "")) {
      case "RequestHeaderModifier" ->
          Optional.of(headers(filter.object("requestHeaderModifier"), false));
      case "ResponseHeaderModifier" ->
          Optional.of(headers(filter.object("responseHeaderModifier"), true));
      case "RequestRedirect" -> Optional.of(redirect(filter.object("requestRedirect")));
      case "URLRewrite" -> Optional.of(rewrite(filter.object("urlRewrite")));
      case "RequestMirror" -> Optional.of(mirror(filter.object("requestMirror"), namespace));
      case "CORS" -> Optional.of(CorsReader.read(filter.object("cors")));
      case "ExternalAuth" ->
          Optional.of(ExternalAuthReader.read(filter.object("externalAuth"), namespace));
      case String type -> {
        filter.error(
            "type",
            "filter '%s' is not supported".formatted(type),
            "write RequestHeaderModifier, ResponseHeaderModifier, RequestRedirect, URLRewrite,"
                + " RequestMirror, CORS or ExternalAuth");
        yield Optional.empty();
      }
    };
  }

  private static HttpRouteFilter headers(ObjectReader written, boolean response) {
    List<String> remove =
        written.parsedItems("remove", text -> text).stream()
            .map(name -> name.toLowerCase(Locale.ROOT))
            .toList();
    return new HttpRouteFilter.Headers(
        response, fields(written, "set"), fields(written, "add"), remove);
  }

  private static Map<String, String> fields(ObjectReader written, String list) {
    Map<String, String> fields = new LinkedHashMap<>();
    for (ObjectReader one : written.objects(list)) {
      one.require("name", "name the header field");
      Optional<String> name = one.parsed("name", HttpRouteFilterReader::fieldName);
      Optional<String> value = one.parsed("value", HttpRouteFilterReader::fieldValue);
      name.ifPresent(n -> fields.putIfAbsent(n, value.orElse("")));
    }
    return fields;
  }

  private static String fieldName(String text) {
    if (!text.matches("[A-Za-z0-9!#$%&'*+.^_`|~-]+")) {
      throw new InvalidValueException(
          "'%s' is no name of a header field".formatted(text), "leave out colons and spaces");
    }
    return text.toLowerCase(Locale.ROOT);
  }

  private static String fieldValue(String text) {
    if (text.chars().anyMatch(c -> (c < ' ' && c != '\t') || c == 0x7f)) {
      throw new InvalidValueException("it has control characters", "leave them out");
    }
    return text;
  }

  private static HttpRouteFilter redirect(ObjectReader written) {
    int status = written.integer("statusCode", 302, 300, 399);
    if (!REDIRECTS.contains(status)) {
      written.error("statusCode", status + " is no redirect", "write 301, 302, 303, 307 or 308");
    }
    int port = written.integer("port", 0, 1, 65535);
    return new HttpRouteFilter.Redirect(
        Stream.of(written.text("scheme", "")).filter(Set.of("http", "https")::contains).findFirst(),
        written.parsed("hostname", Literals::exactHostname),
        path(written),
        port == 0 ? OptionalInt.empty() : OptionalInt.of(port),
        status);
  }

  private static HttpRouteFilter rewrite(ObjectReader written) {
    return new HttpRouteFilter.Rewrite(
        written.parsed("hostname", Literals::exactHostname), path(written));
  }

  private static HttpRouteFilter mirror(ObjectReader written, String namespace) {
    written.require("backendRef", "name the service that gets the copies");
    if (written.has("percent") && written.has("fraction")) {
      written.error("fraction", "percent says it too", "write one of the two");
    }
    ObjectReader fraction = written.object("fraction");
    boolean parts = written.has("fraction");
    if (parts) {
      fraction.require("numerator", "write of how many requests copies are sent");
    }
    int denominator = parts ? fraction.integer("denominator", 100, 1, Integer.MAX_VALUE) : 100;
    int numerator =
        parts
            ? fraction.integer("numerator", 0, 0, Integer.MAX_VALUE)
            : written.integer("percent", 100, 0, 100);
    if (numerator > denominator) {
      fraction.error("numerator", "it is more than the denominator", "write a smaller one");
    }
    return new HttpRouteFilter.Mirror(
        BackendRefReader.read(written.object("backendRef"), namespace), numerator, denominator);
  }

  private static Optional<PathChange> path(ObjectReader owner) {
    if (!owner.has("path")) {
      return Optional.empty();
    }
    ObjectReader path = owner.object("path");
    return switch (path.text("type", "")) {
      case "ReplaceFullPath" ->
          Optional.of(new PathChange(false, path.text("replaceFullPath", "/")));
      case "ReplacePrefixMatch" ->
          Optional.of(new PathChange(true, path.text("replacePrefixMatch", "/")));
      default -> {
        path.error("type", "it is not known", "write ReplaceFullPath or ReplacePrefixMatch");
        yield Optional.empty();
      }
    };
  }
}
