// SPDX-License-Identifier: Apache-2.0
package dev.culvert.policy.resource;

import dev.culvert.policy.resource.HttpRouteResource.ParentRef;
import dev.culvert.policy.resource.HttpRouteResource.Retry;
import dev.culvert.policy.resource.HttpRouteResource.Rule;
import dev.culvert.policy.route.Hostname;
import dev.culvert.policy.route.HttpMatch;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.function.BiFunction;

/** Reads HTTPRoutes of the Gateway API. */
final class HttpRouteReader {
  private static final String GATEWAY_API = "gateway.networking.k8s.io";

  private HttpRouteReader() {}

  static HttpRouteResource read(ObjectMeta metadata, ObjectReader route) {
    return read(metadata, route, "HTTPRoute", HttpRouteReader::rule);
  }

  /** A route of any kind that is about requests. */
  static HttpRouteResource read(
      ObjectMeta metadata,
      ObjectReader route,
      String kind,
      BiFunction<ObjectReader, String, Rule> reader) {
    route.know("status");
    ObjectReader spec = route.object("spec");
    String namespace = metadata.namespace();
    List<Rule> rules =
        spec.objects("rules").stream().map(rule -> reader.apply(rule, namespace)).toList();
    if (rules.isEmpty()) {
      spec.error("rules", "there is none", "add one with backendRefs");
    }
    return new HttpRouteResource(
        metadata,
        kind,
        spec.objects("parentRefs").stream().map(ref -> parent(ref, namespace)).toList(),
        spec.parsedItems("hostnames", Literals::hostname).stream().map(Hostname::new).toList(),
        rules);
  }

  static ParentRef parent(ObjectReader ref, String namespace) {
    ObjectRef to = ObjectRef.read(ref, "Gateway", namespace);
    String group = ref.text("group", to.kind().equals("Gateway") ? GATEWAY_API : "");
    return new ParentRef(
        new ObjectRef(group, to.kind(), to.namespace(), to.name()),
        ref.text("sectionName", ""),
        ref.integer("port", 0, 1, 65535));
  }

  private static Rule rule(ObjectReader rule, String namespace) {
    ObjectReader timeouts = rule.object("timeouts");
    Optional<Retry> retry =
        rule.has("retry") ? Optional.of(retry(rule.object("retry"))) : Optional.empty();
    return new Rule(
        rule.text("name", ""),
        rule.objects("matches").stream().map(HttpRouteReader::match).toList(),
        filters(rule, namespace),
        rule.objects("backendRefs").stream()
            .map(ref -> BackendRefReader.read(ref, namespace, ofBackend(ref, namespace)))
            .toList(),
        timeouts.parsed("request", TimeSpans::parse).orElse(Duration.ZERO),
        timeouts.parsed("backendRequest", TimeSpans::parse).orElse(Duration.ZERO),
        retry,
        sessions(rule));
  }

  private static List<HttpRouteFilter> filters(ObjectReader owner, String namespace) {
    return owner.objects("filters").stream()
        .map(filter -> HttpRouteFilterReader.read(filter, namespace))
        .flatMap(Optional::stream)
        .toList();
  }

  private static List<HttpRouteFilter> ofBackend(ObjectReader ref, String namespace) {
    List<HttpRouteFilter> filters = filters(ref, namespace);
    if (HttpRouteFilter.externalAuths(filters).findAny().isPresent()) {
      ref.error(
          "filters", "ExternalAuth is not applied to a single backend", "move it to the rule");
    }
    return filters;
  }

  static Optional<SessionPersistence> sessions(ObjectReader rule) {
    return rule.has("sessionPersistence")
        ? Optional.of(SessionPersistenceReader.read(rule.object("sessionPersistence")))
        : Optional.empty();
  }

  private static HttpMatch match(ObjectReader match) {
    return HttpMatchReader.read(match);
  }

  private static Retry retry(ObjectReader retry) {
    List<Integer> codes = retry.integers("codes", 400, 599);
    return new Retry(
        retry.integer("attempts", 1, 0, 10),
        codes,
        retry.parsed("backoff", TimeSpans::parse).orElse(Duration.ofMillis(25)));
  }
}
