// SPDX-License-Identifier: Apache-2.0
package dev.culvert.waypoint.gateway;

import static org.assertj.core.api.Assertions.assertThat;

import dev.culvert.waypoint.peers.Await;
import java.io.IOException;
import org.jose4j.lang.JoseException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** An issuer's keys, which the door fetches. */
@Timeout(120)
final class IssuerKeysTest extends TokenCase {
  @Test
  void keysAreFetchedRotatedAndKeptThroughAnOutage() throws IOException, JoseException {
    write(
        "tokens.yaml",
        authentication("issuer: id, jwksUri: '%s/keys'".formatted(issuer.address())));
    open();
    String first = issuer.token(CLAIMS);
    Await.until("keys are there", () -> isAnswered(200, first));
    issuer.rotate();
    String second = issuer.token(CLAIMS);
    Await.until("the new key is there", () -> isAnswered(200, second));
    assertThat(status("GET", "/", bearer(first))).isEqualTo(401);
    issuer.answerWith(503);
    int before = issuer.fetches();
    Await.until("it asked in vain", () -> isAnswered(401, first) && issuer.fetches() > before);
    assertThat(status("GET", "/", bearer(second))).isEqualTo(200);
  }

  @Test
  void keysThatNeverCameLetNoTokenPass() throws IOException, JoseException {
    issuer.answerWith(500);
    write(
        "tokens.yaml",
        authentication("issuer: id, jwksUri: '%s/keys'".formatted(issuer.address())));
    open();
    assertThat(status("GET", "/", bearer(issuer.token(CLAIMS)))).isEqualTo(401);
    assertThat(status("GET", "/")).isEqualTo(200);
    issuer.answerWith(200);
    String token = issuer.token(CLAIMS);
    Await.until("keys are there", () -> isAnswered(200, token));
  }

  @Test
  void openIdConfigurationTellsWhereKeysAre() throws IOException, JoseException {
    write("tokens.yaml", authentication("issuer: '%s'".formatted(issuer.address())));
    open();
    String token = issuer.token("{\"iss\":\"%s\"}".formatted(issuer.address()));
    Await.until("keys are there", () -> isAnswered(200, token));
  }
}
