// SPDX-License-Identifier: Apache-2.0
package dev.culvert.policy.resource;

import dev.culvert.policy.resource.HttpRouteResource.Rule;
import dev.culvert.policy.route.HttpMatch;
import dev.culvert.policy.route.PathMatch;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * Reads GRPCRoutes of the Gateway API as what they mean in HTTP: a method of a service is the path
 * {@code /SERVICE/METHOD} (gRPC over HTTP2, Requests).
 */
final class GrpcRouteReader {
  private static final Set<String> FILTERS =
      Set.of("RequestHeaderModifier", "ResponseHeaderModifier", "RequestMirror");

  /** What a name of a service or method can have. */
  private static final String ANY_NAME = "[^/]+";

  private GrpcRouteReader() {}

  static HttpRouteResource read(ObjectMeta metadata, ObjectReader route) {
    return HttpRouteReader.read(metadata, route, "GRPCRoute", GrpcRouteReader::rule);
  }

  private static Rule rule(ObjectReader rule, String namespace) {
    return new Rule(
        rule.text("name", ""),
        rule.objects("matches").stream().map(GrpcRouteReader::match).toList(),
        filters(rule, namespace),
        rule.objects("backendRefs").stream()
            .map(ref -> BackendRefReader.read(ref, namespace, filters(ref, namespace)))
            .toList(),
        Duration.ZERO,
        Duration.ZERO,
        Optional.empty(),
        HttpRouteReader.sessions(rule));
  }

  private static List<HttpRouteFilter> filters(ObjectReader owner, String namespace) {
    return owner.objects("filters").stream()
        .filter(GrpcRouteReader::isKnown)
        .map(filter -> HttpRouteFilterReader.read(filter, namespace))
        .flatMap(Optional::stream)
        .toList();
  }

  private static boolean isKnown(ObjectReader filter) {
    boolean known = FILTERS.contains(filter.text("type", ""));
    if (!known) {
      filter.error(
          "type",
          "filter '%s' is not one of a GRPCRoute".formatted(filter.text("type", "")),
          "write RequestHeaderModifier, ResponseHeaderModifier or RequestMirror");
    }
    return known;
  }

  private static HttpMatch match(ObjectReader match) {
    return new HttpMatch(
        match.has("method") ? path(match.object("method")) : PathMatch.ANY,
        Optional.empty(),
        HttpMatchReader.headers(match),
        Map.of());
  }

  private static PathMatch path(ObjectReader method) {
    Optional<String> service = method.text("service");
    Optional<String> name = method.text("method");
    if (service.isEmpty() && name.isEmpty()) {
      method.error("service", "neither a service nor a method is named", "name one of them");
      return PathMatch.ANY;
    }
    return switch (method.text("type", "Exact")) {
      case "Exact" -> exact(service, name);
      case "RegularExpression" ->
          method
              .parsed(
                  service.isPresent() ? "service" : "method",
                  _ -> HttpMatchReader.regex(expression(service, name)))
              .<PathMatch>map(PathMatch.Expression::new)
              .orElse(PathMatch.ANY);
      default -> {
        method.error("type", "it is not known", "write Exact or RegularExpression");
        yield PathMatch.ANY;
      }
    };
  }

  private static PathMatch exact(Optional<String> service, Optional<String> name) {
    if (service.isEmpty()) {
      return new PathMatch.AnyService(name.get());
    }
    return name.<PathMatch>map(one -> new PathMatch.Exact("/" + service.get() + "/" + one))
        .orElseGet(() -> new PathMatch.Prefix("/" + service.get()));
  }

  private static String expression(Optional<String> service, Optional<String> name) {
    return "/(%s)/(%s)".formatted(service.orElse(ANY_NAME), name.orElse(ANY_NAME));
  }
}
