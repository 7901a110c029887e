// SPDX-License-Identifier: Apache-2.0
package dev.culvert.waypoint.gateway;

import static org.assertj.core.api.Assertions.assertThat;

import dev.culvert.waypoint.peers.Backend;
import dev.culvert.waypoint.peers.Wire;
import java.io.IOException;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.MethodSource;

/** Providers that are asked over HTTP. */
@ParameterizedClass
@MethodSource("transports")
@Timeout(120)
final class HttpAuthorizationTest extends AskedProviderCase {
  private static Backend.Script answering(List<Wire.Message> seen, String... answers) {
    return wire -> {
      for (int i = 0; ; i++) {
        seen.add(wire.read());
        wire.send(answers[Math.min(i, answers.length - 1)]);
      }
    };
  }

  @Test
  void httpProviderAllows() throws IOException {
    List<Wire.Message> seen = new CopyOnWriteArrayList<>();
    openHttp(
        answering(
            seen,
            "HTTP/1.1 200 OK\r\ncontent-length: 0\r\nx-user: ann\r\nx-other: 1\r\nset-cookie: a=b\r\n\r\n"),
        ", pathPrefix: /check, includeRequestHeadersInCheck: ['x-key*'],"
            + " includeAdditionalHeadersInCheck: {x-from: door},"
            + " headersToUpstreamOnAllow: [x-user], headersToDownstreamOnAllow: [set-cookie]");
    Wire.Message answer =
        ask(
            "PUT",
            "/ask?q=1",
            "X-Key-A: 1",
            "X-Secret: 2",
            "Authorization: t",
            "X-User: forged",
            "X_User: forged");
    assertThat(answer.status()).isEqualTo(200);
    assertThat(answer.field("set-cookie")).contains("a=b");
    Wire.Message check = seen.getFirst();
    assertThat(check.line()).isEqualTo("PUT /check/ask?q=1 HTTP/1.1");
    assertThat(check.field("host")).contains("shop.example.com");
    assertThat(check.field("x-key-a")).contains("1");
    assertThat(check.field("x-from")).contains("door");
    assertThat(check.field("authorization")).contains("t");
    assertThat(check.field("x-secret")).isEmpty();
    assertThat(check.field("content-length")).contains("0");
    Wire.Message request = backend.requests().getFirst();
    assertThat(request.field("x-user")).contains("ann");
    assertThat(request.field("x_user")).isEmpty();
    assertThat(request.field("x-other")).isEmpty();
  }

  @Test
  void httpProviderDenies() throws IOException {
    List<Wire.Message> seen = new CopyOnWriteArrayList<>();
    openHttp(
        answering(
            seen,
            "HTTP/1.1 302 Found\r\nlocation: /login\r\nx-a: 1\r\nx-b: 2\r\ncontent-length: 4\r\n\r\ngo!\n"),
        ", headersToDownstreamOnDeny: [x-a]");
    Wire.Message answer = ask("GET", "/ask");
    assertThat(answer.status()).isEqualTo(302);
    assertThat(answer.field("location")).contains("/login");
    assertThat(answer.field("x-a")).contains("1");
    assertThat(answer.field("x-b")).isEmpty();
    assertThat(answer.body()).isEqualTo("go!\n");
    assertThat(backend.requests()).isEmpty();
  }

  @Test
  void httpProviderThatFailsAllowsNothing() throws IOException {
    openHttp(
        answering(new CopyOnWriteArrayList<>(), "HTTP/1.1 500 Oops\r\ncontent-length: 0\r\n\r\n"),
        "");
    assertThat(ask("GET", "/ask").status()).isEqualTo(403);
    assertThat(backend.requests()).isEmpty();
  }

  @Test
  void httpProviderGetsTheBody() throws IOException {
    List<Wire.Message> seen = new CopyOnWriteArrayList<>();
    openHttp(
        answering(seen, "HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n"),
        ", includeRequestBodyInCheck: {maxRequestBytes: 100}");
    assertThat(post("/ask", "hello").body()).isEqualTo("POST /ask HTTP/1.1|hello");
    assertThat(seen.getFirst().body()).isEqualTo("hello");
  }
}
