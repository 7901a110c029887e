// SPDX-License-Identifier: Apache-2.0
package dev.culvert.waypoint.gateway;

import static org.assertj.core.api.Assertions.assertThat;

import dev.culvert.waypoint.peers.Wire;
import java.io.IOException;
import org.jose4j.lang.JoseException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Fields in which the app gets what a token says: never what a client writes. */
@Timeout(120)
@SuppressWarnings("StringConcatToTextBlock") // CR LF, and no other end of a line
final class ClaimFieldsTest extends TokenCase {
  @Test
  void outputPayloadToHeaderIsNeverTheClients() throws IOException, JoseException {
    authenticate(", outputPayloadToHeader: x-payload");
    open();
    assertThat(status("GET", "/", "X-Payload: forged")).isEqualTo(200);
    assertThat(received("x-payload")).isEmpty();
    assertThat(status("GET", "/", "X-Payload: forged", bearer(issuer.token(CLAIMS))))
        .isEqualTo(200);
    assertThat(received("x-payload")).hasValue(part(CLAIMS));
  }

  @Test
  void outputClaimToHeadersIsNeverTheClients() throws IOException, JoseException {
    authenticate(
        ", outputClaimToHeaders: [{header: x-sub, claim: sub}, {header: x-team, claim: a.team}]");
    open();
    String token =
        issuer.token("{\"iss\":\"id\",\"sub\":\"a\\nb\",\"a\":{\"team\":[\"x\",\"y\"]}}");
    assertThat(status("GET", "/", "x-sub: root", "X-Team: root")).isEqualTo(200);
    assertThat(received("x-sub")).isEmpty();
    assertThat(received("x-team")).isEmpty();
    assertThat(status("GET", "/", "x-sub: root", bearer(token))).isEqualTo(200);
    assertThat(received("x-sub")).isEmpty();
    assertThat(received("x-team")).hasValue("x,y");
    assertThat(status("GET", "/", "x_sub: root", "X_Team: root", bearer(token))).isEqualTo(200);
    assertThat(received("x_sub")).isEmpty();
    assertThat(received("x_team")).isEmpty();
    assertThat(received("x-team")).hasValue("x,y");
  }

  /** Servers are known to read trailers as if they had come with the head. */
  @Test
  void trailersSayNothingInTheTokensName() throws IOException, JoseException {
    authenticate(
        ", outputPayloadToHeader: x-payload, outputClaimToHeaders: [{header: x-sub, claim: sub}]");
    open();
    try (Wire wire = door.connect()) {
      wire.send(
          "POST / HTTP/1.1\r\nHost: shop.example.com\r\nTransfer-Encoding: chunked\r\n\r\n"
              + "0\r\nX-Sub: root\r\nX_Sub: root\r\nX_Forwarded_For: 198.18.0.1\r\nX-Payload: forged\r\nX-Sum: 1\r\n\r\n");
      assertThat(wire.read().status()).isEqualTo(200);
    }
    assertThat(backend.requests().getLast().trailers()).containsExactly("X-Sum: 1");
  }

  @Test
  void fieldOfTheTokenMayBeThatOfThePayload() throws IOException, JoseException {
    authenticate(", fromHeaders: [{name: x-jwt}], outputPayloadToHeader: x-jwt");
    open();
    assertThat(status("GET", "/", "x-jwt: forged")).isEqualTo(401);
    assertThat(status("GET", "/", "x-jwt: " + issuer.token(CLAIMS))).isEqualTo(200);
    assertThat(received("x-jwt")).hasValue(part(CLAIMS));
  }
}
