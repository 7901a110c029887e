// SPDX-License-Identifier: Apache-2.0
package dev.culvert.policy.resource;

import static org.assertj.core.api.Assertions.assertThat;

import dev.culvert.policy.route.Hostname;
import dev.culvert.policy.route.PathMatch;
import dev.culvert.policy.route.ValueMatch;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class HttpRouteTest {
  private static final String HEAD =
      """
      apiVersion: gateway.networking.k8s.io/v1
      kind: HTTPRoute
      metadata: {name: web, namespace: shop}
      spec:
        parentRefs: [{name: door, sectionName: http}]
      """;

  private static ResourceFiles read(String rest) {
    return ResourceFiles.empty().with(Map.of("route.yaml", HEAD + rest.indent(2)));
  }

  private static HttpRouteResource route(String rest) {
    ResourceFiles files = read(rest);
    assertThat(files.errors()).isEmpty();
    return files.resources(HttpRouteResource.class).findFirst().orElseThrow();
  }

  @Test
  void everythingOfARuleIsRead() {
    HttpRouteResource route =
        route(
            """
            hostnames: [Shop.example.com]
            rules:
              - name: cart
                matches:
                  - path: {type: Exact, value: /cart}
                    method: POST
                    headers: [{name: X-Canary, value: "1"}]
                    queryParams: [{name: q, value: a}]
                filters:
                  - type: URLRewrite
                    urlRewrite: {hostname: cart.local, path: {type: ReplaceFullPath, replaceFullPath: /}}
                backendRefs: [{name: cart, port: 80, weight: 9}, {name: old, port: 80, weight: 1}]
                timeouts: {request: 10s, backendRequest: 500ms}
                retry: {attempts: 3, codes: [502, 503], backoff: 10ms}
            """);
    assertThat(route.parents().getFirst().to())
        .isEqualTo(new ObjectRef("gateway.networking.k8s.io", "Gateway", "shop", "door"));
    assertThat(route.parents().getFirst().section()).isEqualTo("http");
    assertThat(route.hostnames()).containsExactly(new Hostname("shop.example.com"));
    HttpRouteResource.Rule rule = route.rules().getFirst();
    assertThat(rule.matches().getFirst().path()).isEqualTo(new PathMatch.Exact("/cart"));
    assertThat(rule.matches().getFirst().method()).contains("POST");
    assertThat(rule.matches().getFirst().headers())
        .containsEntry("x-canary", new ValueMatch.Exact("1"));
    assertThat(rule.matches().getFirst().queryParameters())
        .containsEntry("q", new ValueMatch.Exact("a"));
    assertThat(rule.changes())
        .containsExactly(
            new HttpRouteFilter.Rewrite(
                Optional.of("cart.local"),
                Optional.of(new HttpRouteFilter.PathChange(false, "/"))));
    assertThat(rule.backends())
        .extracting(HttpRouteResource.BackendRef::weight)
        .containsExactly(9, 1);
    assertThat(rule.request()).isEqualTo(Duration.ofSeconds(10));
    assertThat(rule.backendRequest()).isEqualTo(Duration.ofMillis(500));
    assertThat(rule.retry())
        .contains(new HttpRouteResource.Retry(3, List.of(502, 503), Duration.ofMillis(10)));
  }

  @Test
  void redirectWithoutAStatusIs302() {
    HttpRouteResource route =
        route(
            """
            rules:
              - filters: [{type: RequestRedirect, requestRedirect: {scheme: https}}]
            """);
    assertThat(route.rules().getFirst().changes())
        .containsExactly(
            new HttpRouteFilter.Redirect(
                Optional.of("https"),
                Optional.empty(),
                Optional.empty(),
                OptionalInt.empty(),
                302));
  }

  @Test
  void mirrorWithoutAShareIsOfEveryRequest() {
    HttpRouteResource route =
        route(
            """
            rules:
              - filters:
                  - {type: RequestMirror, requestMirror: {backendRef: {name: a, port: 80}}}
                  - type: RequestMirror
                    requestMirror: {backendRef: {name: b, port: 80}, fraction: {numerator: 1, denominator: 1000}}
            """);
    assertThat(route.rules().getFirst().changes())
        .extracting(one -> ((HttpRouteFilter.Mirror) one).numerator())
        .containsExactly(100, 1);
    assertThat(route.rules().getFirst().changes())
        .extracting(one -> ((HttpRouteFilter.Mirror) one).denominator())
        .containsExactly(100, 1000);
  }

  @Test
  void headersOfABackendAreChangedForItAlone() {
    HttpRouteResource route =
        route(
            """
            rules:
              - backendRefs:
                  - name: a
                    port: 80
                    filters:
                      - {type: RequestHeaderModifier, requestHeaderModifier: {set: [{name: X-To, value: a}]}}
                  - {name: b, port: 80}
            """);
    assertThat(route.rules().getFirst().backends())
        .extracting(HttpRouteResource.BackendRef::filters)
        .containsExactly(
            List.of(new HttpRouteFilter.Headers(false, Map.of("x-to", "a"), Map.of(), List.of())),
            List.of());
  }

  @Test
  void mirrorsOfBackendsAreNamedAfterTheirs() {
    HttpRouteResource route =
        route(
            """
            rules:
              - filters: [{type: RequestMirror, requestMirror: {backendRef: {name: all, port: 80}}}]
                backendRefs:
                  - name: a
                    port: 80
                    filters: [{type: RequestMirror, requestMirror: {backendRef: {name: copy, port: 80}}}]
                  - {name: b, port: 80}
            """);
    assertThat(route.rules().getFirst().named())
        .extracting(one -> one.to().name())
        .containsExactly("a", "copy", "b", "all");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "rules: []|there is none",
        "rules: [{backendRefs: [{name: a}]}]|port",
        "rules: [{backendRefs: [{name: a, port: 80, weight: 1000001}]}]|spec.rules[0].backendRefs[0].weight: 1000001 is",
        "rules: [{backendRefs: [{name: a, port: 80, weight: -1}]}]|spec.rules[0].backendRefs[0].weight: -1 is",
        "rules: [{backendRefs: [{name: a, port: 80, weight: heavy}]}]|spec.rules[0].backendRefs[0].weight",
        "rules: [{filters: [{type: ExtensionRef}]}]|is not supported",
        "rules: [{filters: [{type: RequestMirror}]}]|name the service that gets the copies",
        "rules: [{filters: [{type: RequestMirror, requestMirror: {percent: 101, backendRef: {name: a, port: 1}}}]}]|percent",
        "rules: [{filters: [{type: RequestMirror, requestMirror: {fraction: {numerator: 3, denominator: 2}, backendRef: {name: a, port: 1}}}]}]|more than the denominator",
        "rules: [{filters: [{type: CORS, cors: {allowOrigins: [shop.example]}}]}]|is no origin",
        "rules: [{filters: [{type: CORS, cors: {allowMethods: ['*', GET]}}]}]|says all",
        "rules: [{backendRefs: [{name: a, port: 80, filters: [{type: ExtensionRef}]}]}]|is not supported",
        "rules: [{matches: [{path: {type: RegularExpression, value: (}}]}]|cannot be matched",
        "rules: [{matches: [{path: {type: RegularExpression}}]}]|it is missing",
        "rules: [{matches: [{path: {type: Suffix, value: /a}}]}]|write Exact, PathPrefix or",
        "rules: [{matches: [{path: {value: a}}]}]|is no path",
        "rules: [{matches: [{path: {value: /a/..}}]}]|is no path",
        "rules: [{matches: [{path: {value: /a/.}}]}]|is no path",
        "rules: [{matches: [{path: {value: /a/./b}}]}]|is no path",
        "rules: [{matches: [{path: {value: /a%2Fb}}]}]|is no path",
        "rules: [{matches: [{headers: [{name: a, value: '(b{99}){99}', type: RegularExpression}]}]}]|written out",
        "rules: [{timeouts: {request: soon}}]|no span of time",
        "rules: [{retry: {codes: [200]}}]|no number in range",
        "rules: [{backendRef: []}]|unknown field",
      })
  void whatCannotBeServedIsAnError(String rest, String problem) {
    ResourceFiles files = read(rest);
    assertThat(files.errors()).anySatisfy(error -> assertThat(error.toString()).contains(problem));
    assertThat(files.resources()).isEmpty();
  }

  @Test
  void secretIsReadAndNotShown() {
    ResourceFiles files =
        ResourceFiles.empty()
            .with(
                Map.of(
                    "secret.yaml",
                    """
                    apiVersion: v1
                    kind: Secret
                    metadata: {name: tls, namespace: shop}
                    type: kubernetes.io/tls
                    data: {tls.crt: YWJj}
                    stringData: {tls.key: hidden}
                    """));
    SecretResource secret = files.resources(SecretResource.class).findFirst().orElseThrow();
    assertThat(secret.value("tls.crt")).contains("abc");
    assertThat(secret.value("tls.key")).contains("hidden");
    assertThat(secret.toString()).isEqualTo("Secret shop/tls");
  }
}
