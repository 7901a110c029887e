// SPDX-License-Identifier: Apache-2.0
package dev.culvert.waypoint.gateway;

import static org.assertj.core.api.Assertions.assertThat;

import dev.culvert.waypoint.peers.Await;
import dev.culvert.waypoint.peers.Backend;
import dev.culvert.waypoint.peers.Wire;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * Filters of a single backend: they are for a request if and only if it goes there (Gateway API,
 * HTTPBackendRef). Of two backends the first one has them.
 */
@Timeout(120)
final class BackendFiltersTest {
  @TempDir private Path folder;

  private TestDoor door;
  private Backend one;
  private Backend two;
  private Backend copies;

  @BeforeEach
  void start() throws IOException {
    door = new TestDoor(folder);
    one = Backend.echo();
    two = Backend.echo();
    copies = Backend.echo();
  }

  @AfterEach
  void stop() {
    door.close();
    one.close();
    two.close();
    copies.close();
  }

  private void open(String rule, String first, String filters) throws IOException {
    door.open(
        TestDoor.service("shop", "one", one),
        TestDoor.service("shop", "two", two),
        TestDoor.service("shop", "copies", copies),
        TestDoor.route(
            "HTTPRoute",
            "r",
            """
              - %s
                backendRefs:
                - {name: %s, port: 80, filters: [%s]}
                - {name: two, port: 80}
            """
                .formatted(rule, first, filters)));
  }

  private void open(String filters) throws IOException {
    open("matches: [{path: {value: /a}}]", "one", filters);
  }

  /** Asks until both had their turn, or what stands for the first one had. */
  private List<Wire.Message> both(String method, String path, String... fields) throws IOException {
    List<Wire.Message> answers = new ArrayList<>();
    while (two.requests().isEmpty() || two.requests().size() == answers.size()) {
      assertThat(answers).as("requests that all went to one of two").hasSizeLessThan(200);
      answers.add(door.ask(method, path, fields));
    }
    return answers;
  }

  @Test
  void httpRouteBackendUrlRewrite() throws IOException {
    open(
        "{type: URLRewrite, urlRewrite: {hostname: one.internal,"
            + " path: {type: ReplacePrefixMatch, replacePrefixMatch: /b}}}");
    both("GET", "/a/x?y");
    assertThat(one.requests())
        .isNotEmpty()
        .allSatisfy(
            seen -> {
              assertThat(seen.line()).isEqualTo("GET /b/x?y HTTP/1.1");
              assertThat(seen.field("host")).contains("one.internal");
              assertThat(seen.field("x-forwarded-host")).contains("a.example.com");
            });
    assertThat(two.requests())
        .isNotEmpty()
        .allSatisfy(
            seen -> {
              assertThat(seen.line()).isEqualTo("GET /a/x?y HTTP/1.1");
              assertThat(seen.field("host")).contains("a.example.com");
              assertThat(seen.field("x-forwarded-host")).isEmpty();
            });
  }

  @Test
  void httpRouteBackendRequestRedirect() throws IOException {
    open("{type: RequestRedirect, requestRedirect: {hostname: b.example.com, statusCode: 307}}");
    List<Wire.Message> answers = both("GET", "/a/x");
    List<Wire.Message> redirected =
        answers.stream().filter(answer -> answer.status() == 307).toList();
    assertThat(redirected)
        .hasSize(answers.size() - two.requests().size())
        .allSatisfy(
            answer ->
                assertThat(answer.field("location").orElseThrow())
                    .startsWith("http://b.example.com:")
                    .endsWith("/a/x"));
    assertThat(one.requests()).isEmpty();
  }

  @Test
  void httpRouteBackendRequestMirror() throws IOException {
    open("{type: RequestMirror, requestMirror: {backendRef: {name: copies, port: 80}}}");
    both("GET", "/a");
    Await.until("the copies came", () -> copies.requests().size() == one.requests().size());
    assertThat(copies.requests()).hasSameSizeAs(one.requests());
  }

  @Test
  void httpRouteBackendCors() throws IOException {
    open("{type: CORS, cors: {allowOrigins: ['https://a.example'], allowMethods: [PUT]}}");
    String origin = "Origin: https://a.example";
    List<Wire.Message> preflights =
        both("OPTIONS", "/a", origin, "Access-Control-Request-Method: PUT");
    assertThat(one.requests()).isEmpty();
    assertThat(preflights)
        .filteredOn(answer -> answer.field("access-control-allow-methods").isPresent())
        .hasSize(preflights.size() - two.requests().size());
    for (int i = 0; one.requests().isEmpty(); i++) {
      assertThat(i).isLessThan(200);
      int before = one.requests().size();
      Wire.Message answer = door.ask("PUT", "/a", origin, "Content-Length: 0");
      assertThat(answer.field("access-control-allow-origin").isPresent())
          .isEqualTo(one.requests().size() > before);
    }
  }

  @Test
  void filtersOfABackendRunInTheirOrderAfterThoseOfTheRule() throws IOException {
    open(
        "filters: [{type: RequestHeaderModifier, requestHeaderModifier: {add: [{name: x-by, value: rule}]}}]",
        "one",
        "{type: RequestHeaderModifier, requestHeaderModifier: {add: [{name: x-by, value: backend}]}},"
            + " {type: RequestRedirect, requestRedirect: {path: {type: ReplaceFullPath, replaceFullPath: /gone}}}");
    List<Wire.Message> answers = both("GET", "/a");
    assertThat(answers).filteredOn(answer -> answer.status() == 302).isNotEmpty();
    assertThat(two.requests())
        .isNotEmpty()
        .allSatisfy(seen -> assertThat(seen.field("x-by")).contains("rule"));
  }

  @Test
  void filtersOfABackendThatDoesNotExistAnswerNothing() throws IOException {
    open(
        "matches: [{path: {value: /a}}]",
        "nobody",
        "{type: RequestRedirect, requestRedirect: {hostname: b.example.com}},"
            + " {type: RequestMirror, requestMirror: {backendRef: {name: copies, port: 80}}}");
    List<Wire.Message> answers = both("GET", "/a");
    assertThat(answers)
        .filteredOn(answer -> answer.status() == 500)
        .hasSize(answers.size() - two.requests().size());
    assertThat(copies.requests()).isEmpty();
  }

  @Test
  void retryAtAnotherBackendHasTheFiltersOfThatOne() throws IOException {
    Backend busy =
        Backend.of(
            wire -> {
              wire.readHead();
              wire.send("HTTP/1.1 503 Busy\r\nContent-Length: 0\r\n\r\n");
            });
    try (busy) {
      door.open(
          TestDoor.service("shop", "busy", busy),
          TestDoor.route(
              "HTTPRoute",
              "r",
              """
                - retry: {attempts: 10, codes: [503], backoff: 1ms}
                  backendRefs:
                  - {name: busy, port: 80}
                  - name: busy
                    port: 80
                    filters: [{type: RequestRedirect, requestRedirect: {hostname: b.example.com}}]
              """));
      for (int i = 0; busy.connections() == 0; i++) {
        assertThat(i).isLessThan(200);
        Wire.Message answer = door.ask("GET", "/");
        if (answer.status() == 503) {
          assertThat(busy.connections()).isGreaterThan(10);
        } else {
          assertThat(answer.status()).isEqualTo(302);
        }
      }
    }
  }
}
