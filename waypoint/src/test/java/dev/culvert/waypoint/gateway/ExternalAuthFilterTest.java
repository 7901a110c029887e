// SPDX-License-Identifier: Apache-2.0
package dev.culvert.waypoint.gateway;

import static org.assertj.core.api.Assertions.assertThat;

import dev.culvert.policy.wire.authz.AttributeContext;
import dev.culvert.policy.wire.authz.OkHttpResponse;
import dev.culvert.waypoint.peers.Backend;
import dev.culvert.waypoint.peers.Wire;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.MethodSource;

/** The filter of routes that has somebody decide (Gateway API, GEP-1494). */
@ParameterizedClass
@MethodSource("transports")
@Timeout(120)
final class ExternalAuthFilterTest extends AskedProviderCase {
  private static final String GRANT =
      """
      ---
      apiVersion: gateway.networking.k8s.io/v1beta1
      kind: ReferenceGrant
      metadata: {name: asked, namespace: security}
      spec:
        from: [{group: gateway.networking.k8s.io, kind: HTTPRoute, namespace: shop}]
        to: [{group: "", kind: Service}]
      """;

  private void open(String filter, String grant) throws IOException {
    door.write(
        "asked.yaml",
        """
        apiVersion: gateway.networking.k8s.io/v1
        kind: HTTPRoute
        metadata: {name: asked, namespace: shop}
        spec:
          parentRefs: [{name: door}]
          hostnames: [shop.example.com]
          rules:
            - matches: [{path: {value: /ask}}]
              filters:
                - {type: RequestHeaderModifier, requestHeaderModifier: {set: [{name: x-before, value: "1"}]}}
                - {type: ExternalAuth, externalAuth: {%s}}
                - {type: RequestHeaderModifier, requestHeaderModifier: {add: [{name: x-user, value: after}]}}
              backendRefs: [{name: web, port: 80}]
        """
                .formatted(filter)
            + grant);
    door.openWith(Map.of("transport", transport.name().replace('_', '-')));
  }

  private void openGrpc(String more) throws IOException {
    open("protocol: GRPC, backendRef: {name: authz, namespace: security, port: 80}" + more, GRANT);
  }

  private Backend http(List<Wire.Message> seen, String answer) throws IOException {
    Backend decider =
        Backend.of(
            wire -> {
              while (true) {
                seen.add(wire.read());
                wire.send(answer);
              }
            });
    door.write("authz.yaml", TestDoor.service("security", "authz", decider));
    return decider;
  }

  private void openHttp(String more) throws IOException {
    open("protocol: HTTP, backendRef: {name: authz, namespace: security, port: 80}" + more, GRANT);
  }

  @Test
  void httpRouteExternalAuthGrpc() throws IOException {
    opinion = context -> allowed(OkHttpResponse.newBuilder().addHeaders(field("x-user", "ann")));
    openGrpc("");
    assertThat(ask("GET", "/ask", "X-Key: a").status()).isEqualTo(200);
    assertThat(asked.getFirst().getRequest().getHttp().getHeadersMap())
        .containsEntry("x-key", "a")
        .containsEntry("x-before", "1");
    assertThat(backend.requests().getFirst().field("x-user")).contains("ann");
    opinion = context -> denied();
    assertThat(ask("GET", "/ask").status()).isEqualTo(403);
    assertThat(backend.requests()).hasSize(1);
  }

  @Test
  void routeWithoutTheFilterIsNotAskedAbout() throws IOException {
    opinion = context -> denied();
    openGrpc("");
    assertThat(ask("GET", "/").status()).isEqualTo(200);
    assertThat(asked).isEmpty();
  }

  @Test
  void grpcIsToldTheFieldsThatAreAllowed() throws IOException {
    openGrpc(", grpc: {allowedHeaders: [X-Key]}");
    ask("GET", "/ask", "X-Key: a", "X-Secret: b");
    AttributeContext.HttpRequest http = asked.getFirst().getRequest().getHttp();
    assertThat(http.getHeadersMap()).containsOnly(Map.entry("x-key", "a"));
  }

  @Test
  void httpRouteExternalAuthForwardBody() throws IOException {
    openGrpc(", forwardBody: {maxSize: 5}");
    assertThat(post("/ask", "12345").status()).isEqualTo(200);
    assertThat(asked.getFirst().getRequest().getHttp().getBody()).isEqualTo("12345");
    assertThat(backend.requests().getFirst().body()).isEqualTo("12345");
    assertThat(post("/ask", "123456").status()).isEqualTo(413);
    assertThat(asked).hasSize(1);
    assertThat(backend.requests()).hasSize(1);
  }

  @Test
  void httpRouteExternalAuthHttp() throws IOException {
    List<Wire.Message> seen = new CopyOnWriteArrayList<>();
    try (Backend decider =
        http(
            seen,
            "HTTP/1.1 200 OK\r\ncontent-length: 0\r\ncontent-type: x/y\r\nx-user: ann\r\n\r\n")) {
      openHttp(", http: {path: /check/, allowedHeaders: [X-Key]}");
      assertThat(ask("PUT", "/ask?q", "X-Key: a", "X-Secret: b", "Authorization: t").status())
          .isEqualTo(200);
      assertThat(seen.getFirst().line()).isEqualTo("PUT /check/ask?q HTTP/1.1");
      assertThat(seen.getFirst().field("x-key")).contains("a");
      assertThat(seen.getFirst().field("authorization")).contains("t");
      assertThat(seen.getFirst().field("content-length")).contains("0");
      assertThat(seen.getFirst().field("x-secret")).isEmpty();
      Wire.Message request = backend.requests().getFirst();
      assertThat(request.field("x-user")).contains("ann");
      assertThat(request.field("content-type")).isEmpty();
      assertThat(decider.connections()).isPositive();
    }
  }

  @Test
  void whatTheDeciderAnswersInsteadIsTheClients() throws IOException {
    try (Backend decider =
        http(
            new CopyOnWriteArrayList<>(),
            "HTTP/1.1 302 Found\r\nlocation: /login\r\ncontent-length: 0\r\n\r\n")) {
      openHttp("");
      Wire.Message answer = ask("GET", "/ask");
      assertThat(answer.status()).isEqualTo(302);
      assertThat(answer.field("location")).contains("/login");
      assertThat(backend.requests()).isEmpty();
      assertThat(decider.connections()).isPositive();
    }
  }

  @Test
  void deciderThatCannotBeHadLetsNobodyThrough() throws IOException {
    openGrpc("");
    provider.shutdownNow();
    assertThat(ask("GET", "/ask").status()).isEqualTo(403);
    assertThat(backend.requests()).isEmpty();
  }

  @Test
  void deciderThatMayNotBeNamedLetsNobodyThrough() throws IOException {
    open("protocol: GRPC, backendRef: {name: authz, namespace: security, port: 80}", "");
    assertThat(ask("GET", "/ask").status()).isEqualTo(500);
    assertThat(asked).isEmpty();
    assertThat(backend.requests()).isEmpty();
  }
}
