// SPDX-License-Identifier: Apache-2.0
package dev.culvert.waypoint.gateway;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import org.jose4j.jws.JsonWebSignature;
import org.jose4j.keys.HmacKey;
import org.jose4j.lang.JoseException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Tokens that nobody signed who may. */
@Timeout(120)
final class ForgedTokenTest extends TokenCase {
  @Test
  void tokenWithoutASignatureIsRefused() throws IOException {
    authenticate("");
    open();
    String none = part("{\"alg\":\"none\"}") + "." + part(CLAIMS) + ".";
    assertThat(status("GET", "/", bearer(none))).isEqualTo(401);
  }

  @Test
  void publicKeyIsNoSecretToSignWith() throws IOException, JoseException {
    authenticate("");
    open();
    JsonWebSignature forged = new JsonWebSignature();
    forged.setPayload(CLAIMS);
    forged.setAlgorithmHeaderValue("HS256");
    forged.setKeyIdHeaderValue("1");
    forged.setKey(new HmacKey(issuer.jwks().getBytes(UTF_8)));
    assertThat(status("GET", "/", bearer(forged.getCompactSerialization()))).isEqualTo(401);
  }

  @Test
  void changedClaimsAreRefused() throws IOException, JoseException {
    authenticate("");
    open();
    String[] parts = issuer.token(CLAIMS).split("\\.", -1);
    String changed = parts[0] + "." + part(CLAIMS.replace("ann", "bob")) + "." + parts[2];
    assertThat(status("GET", "/", bearer(issuer.token(CLAIMS)))).isEqualTo(200);
    assertThat(status("GET", "/", bearer(changed))).isEqualTo(401);
  }
}
