// SPDX-License-Identifier: Apache-2.0
package dev.culvert.waypoint.gateway;

import static org.assertj.core.api.Assertions.assertThat;

import dev.culvert.waypoint.peers.Await;
import dev.culvert.waypoint.peers.Wire;
import java.io.IOException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.MethodSource;

/** Requests that nobody decides on. */
@ParameterizedClass
@MethodSource("transports")
@Timeout(120)
final class SilentProviderTest extends AskedProviderCase {
  @Test
  void withoutAProviderNothingIsLetThrough() throws IOException {
    provider.shutdownNow();
    openGrpc("");
    assertThat(ask("GET", "/ask").status()).isEqualTo(403);
    assertThat(backend.requests()).isEmpty();
  }

  @Test
  void statusOnError() throws IOException {
    provider.shutdownNow();
    openGrpc(", statusOnError: '503'");
    assertThat(ask("GET", "/ask").status()).isEqualTo(503);
  }

  @Test
  void failOpenLetsThroughWhatNobodyDecidesOn() throws IOException {
    provider.shutdownNow();
    openGrpc(", failOpen: true");
    assertThat(ask("GET", "/ask").status()).isEqualTo(200);
  }

  @Test
  void providerThatDoesNotAnswerInTimeAllowsNothing() throws IOException {
    opinion = context -> null;
    openGrpc(", timeout: 0.05s");
    assertThat(ask("GET", "/ask").status()).isEqualTo(403);
    assertThat(backend.requests()).isEmpty();
  }

  @Test
  void nothingIsForwardedBeforeTheProviderAnswered() throws IOException {
    opinion = context -> null;
    openGrpc("");
    try (Wire wire = door.connect()) {
      wire.send("POST /ask HTTP/1.1\r\nHost: shop.example.com\r\nContent-Length: 4\r\n\r\nbody");
      Await.until("it was asked", () -> !asked.isEmpty());
      assertThat(backend.connections()).isZero();
    }
  }
}
