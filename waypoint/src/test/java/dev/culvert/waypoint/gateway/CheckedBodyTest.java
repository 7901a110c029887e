// SPDX-License-Identifier: Apache-2.0
package dev.culvert.waypoint.gateway;

import static org.assertj.core.api.Assertions.assertThat;

import dev.culvert.policy.wire.authz.AttributeContext;
import dev.culvert.waypoint.peers.Wire;
import java.io.IOException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.MethodSource;

/** Bodies of requests that a provider is asked about. */
@ParameterizedClass
@MethodSource("transports")
@Timeout(120)
final class CheckedBodyTest extends AskedProviderCase {
  @Test
  void bodyWaitsAndGoesOnWholeAfterwards() throws IOException {
    openGrpc("");
    String body = "0123456789".repeat(100_000);
    assertThat(post("/ask", body).body()).isEqualTo("POST /ask HTTP/1.1|" + body);
    assertThat(asked.getFirst().getRequest().getHttp().getBody()).isEmpty();
  }

  @Test
  void bodyIsToldToAProviderThatWantsIt() throws IOException {
    openGrpc(", includeRequestBodyInCheck: {maxRequestBytes: 1000000}");
    String body = "0123456789".repeat(100_000);
    assertThat(post("/ask", body).body()).isEqualTo("POST /ask HTTP/1.1|" + body);
    AttributeContext.HttpRequest http = asked.getFirst().getRequest().getHttp();
    assertThat(http.getBody()).isEqualTo(body);
    assertThat(http.getHeadersMap()).containsEntry("x-envoy-auth-partial-body", "false");
  }

  @Test
  void longerBodyThanItWantsIsRefused() throws IOException {
    openGrpc(", includeRequestBodyInCheck: {maxRequestBytes: 4}");
    assertThat(post("/ask", "12345").status()).isEqualTo(413);
    assertThat(post("/ask", "1234").status()).isEqualTo(200);
    assertThat(asked).hasSize(1);
  }

  @Test
  void ofALongerBodyTheBeginningIsTold() throws IOException {
    openGrpc(
        ", includeRequestBodyInCheck:"
            + " {maxRequestBytes: 4, allowPartialMessage: true, packAsBytes: true}");
    assertThat(post("/ask", "123456").body()).isEqualTo("POST /ask HTTP/1.1|123456");
    AttributeContext.HttpRequest http = asked.getFirst().getRequest().getHttp();
    assertThat(http.getRawBody().toStringUtf8()).isEqualTo("1234");
    assertThat(http.getHeadersMap()).containsEntry("x-envoy-auth-partial-body", "true");
  }

  @Test
  void clientThatWaitsForAWordIsAskedForItsBody() throws IOException {
    openGrpc(", includeRequestBodyInCheck: {maxRequestBytes: 100}");
    try (Wire wire = door.connect()) {
      wire.send("POST /ask HTTP/1.1\r\nHost: shop.example.com\r\n");
      wire.send("Expect: 100-continue\r\nContent-Length: 4\r\n\r\n");
      assertThat(wire.readHead().status()).isEqualTo(100);
      wire.send("body");
      assertThat(wire.read().body()).isEqualTo("POST /ask HTTP/1.1|body");
    }
  }
}
