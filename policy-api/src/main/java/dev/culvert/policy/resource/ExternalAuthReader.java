// SPDX-License-Identifier: Apache-2.0
package dev.culvert.policy.resource;

import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/** Reads filters that have somebody decide (Gateway API, HTTPExternalAuthFilter). */
final class ExternalAuthReader {
  private static final List<String> EVERY = List.of("*");
  private static final int MOST_BODY = 16 * 1024 * 1024;

  private ExternalAuthReader() {}

  /**
   * Reads one.
   *
   * @param namespace of the route
   */
  static HttpRouteFilter read(ObjectReader auth, String namespace) {
    auth.require("protocol", "write HTTP or GRPC");
    auth.require("backendRef", "name the service that decides");
    boolean grpc = auth.choice("protocol", Map.of("HTTP", false, "GRPC", true)).orElse(false);
    String other = grpc ? "http" : "grpc";
    if (auth.has(other)) {
      auth.error(other, "the protocol is another one", "remove it, or correct protocol");
    }
    HttpRouteFilter.ExternalAuth filter =
        new HttpRouteFilter.ExternalAuth(
            BackendRefReader.read(auth.object("backendRef"), namespace),
            grpc ? grpc(auth.object("grpc")) : http(auth.object("http")),
            auth.object("forwardBody").integer("maxSize", 0, 0, MOST_BODY));
    // It decides who comes in: a field with a slip in its name could be what keeps people out.
    auth.refuseUnknown();
    return filter;
  }

  private static ExtensionProvider.Protocol grpc(ObjectReader grpc) {
    return new ExtensionProvider.Grpc(fieldNames(grpc, "allowedHeaders"));
  }

  private static ExtensionProvider.Protocol http(ObjectReader http) {
    Optional<String> path = http.parsed("path", ExternalAuthReader::prefix);
    List<String> asked = fieldNames(http, "allowedHeaders");
    List<String> upstream = fieldNames(http, "allowedResponseHeaders");
    return new ExtensionProvider.Http(
        path.orElse(""),
        asked,
        Map.of(),
        upstream.isEmpty() ? EVERY : upstream,
        List.of(),
        List.of());
  }

  private static List<String> fieldNames(ObjectReader owner, String name) {
    return owner.parsedItems(name, text -> Literals.pattern(text).toLowerCase(Locale.ROOT));
  }

  /** What is put before a path: without a slash at its end, as the path begins with one. */
  private static String prefix(String text) {
    if (!text.matches("/([-A-Za-z0-9/._~!$&'()*+,;=:@]|%[0-9a-fA-F]{2})*")
        || (text + "/").contains("/../")
        || (text + "/").contains("/./")) {
      throw new InvalidValueException(
          "'%s' is no path".formatted(text),
          "write one that begins with a slash, without . and ..");
    }
    return text.endsWith("/") ? text.substring(0, text.length() - 1) : text;
  }
}
