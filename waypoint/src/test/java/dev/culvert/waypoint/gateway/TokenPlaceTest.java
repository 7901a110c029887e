// SPDX-License-Identifier: Apache-2.0
package dev.culvert.waypoint.gateway;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import org.jose4j.lang.JoseException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Where in a request a token stands, and whether the app gets it. */
@Timeout(120)
final class TokenPlaceTest extends TokenCase {
  @Test
  void appDoesNotGetTheTokenUnlessAsked() throws IOException, JoseException {
    authenticate("");
    open();
    String token = issuer.token(CLAIMS);
    assertThat(status("GET", "/", bearer(token))).isEqualTo(200);
    assertThat(received("authorization")).isEmpty();
    assertThat(status("GET", "/?a=1&access_token=" + token + "&b=%20")).isEqualTo(200);
    assertThat(backend.requests().getLast().line()).isEqualTo("GET /?a=1&b=%20 HTTP/1.1");
    assertThat(status("GET", "/", "Authorization: Basic abc")).isEqualTo(200);
    assertThat(received("authorization")).hasValue("Basic abc");
  }

  @Test
  void forwardOriginalToken() throws IOException, JoseException {
    authenticate(", forwardOriginalToken: true");
    open();
    String token = issuer.token(CLAIMS);
    assertThat(status("GET", "/", bearer(token))).isEqualTo(200);
    assertThat(received("authorization")).hasValue("Bearer " + token);
  }

  @Test
  void fromHeaders() throws IOException, JoseException {
    authenticate(", fromHeaders: [{name: X-Jwt, prefix: 'jwt '}]");
    allow("from: [{source: {requestPrincipals: ['*']}}]");
    open();
    String token = issuer.token(CLAIMS);
    assertThat(status("GET", "/", "x-jwt: jwt " + token)).isEqualTo(200);
    assertThat(received("x-jwt")).isEmpty();
    assertThat(status("GET", "/", bearer(token))).isEqualTo(403);
  }

  @Test
  void fromParams() throws IOException, JoseException {
    authenticate(", fromParams: [t]");
    allow("from: [{source: {requestPrincipals: ['*']}}]");
    open();
    assertThat(status("GET", "/?t=" + issuer.token(CLAIMS))).isEqualTo(200);
    assertThat(status("GET", "/?t=a.b.c")).isEqualTo(401);
    assertThat(status("GET", "/")).isEqualTo(403);
  }

  @Test
  void fromCookies() throws IOException, JoseException {
    authenticate(", fromCookies: [session]");
    allow("from: [{source: {requestPrincipals: ['*']}}]");
    open();
    String cookies = "Cookie: a=1; session=%s; b=2".formatted(issuer.token(CLAIMS));
    assertThat(status("GET", "/", cookies)).isEqualTo(200);
    assertThat(received("cookie")).hasValue("a=1; b=2");
    assertThat(status("GET", "/", "Cookie: session=x")).isEqualTo(401);
  }

  @Test
  void queryThatNobodyCanReadHasNoToken() throws IOException, JoseException {
    authenticate(", fromParams: [t]");
    open();
    assertThat(status("GET", "/?a=%zz")).isEqualTo(200);
    assertThat(status("GET", "/?a=%zz&t=a.b.c")).isEqualTo(401);
    assertThat(status("GET", "/?a=%zz&t=" + issuer.token(CLAIMS))).isEqualTo(200);
    assertThat(backend.requests().getLast().line()).isEqualTo("GET /?a=%zz HTTP/1.1");
  }
}
