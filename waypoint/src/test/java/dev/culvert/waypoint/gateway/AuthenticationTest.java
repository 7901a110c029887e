// SPDX-License-Identifier: Apache-2.0
package dev.culvert.waypoint.gateway;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.culvert.waypoint.peers.Await;
import dev.culvert.waypoint.peers.Backend;
import dev.culvert.waypoint.peers.Http2Peer;
import dev.culvert.waypoint.peers.TokenIssuer;
import dev.culvert.waypoint.peers.Wire;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Base64;
import java.util.Map;
import java.util.Optional;
import org.jose4j.jws.JsonWebSignature;
import org.jose4j.keys.HmacKey;
import org.jose4j.lang.JoseException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** RequestAuthentications of a Gateway, on a running door. */
@Timeout(120)
@SuppressWarnings("StringConcatToTextBlock") // CR LF, and no other end of a line
final class AuthenticationTest {
  private static final String TARGET =
      "targetRefs: [{group: gateway.networking.k8s.io, kind: Gateway, name: door}]";

  @TempDir private Path folder;

  private static final String CLAIMS = "{\"iss\":\"id\",\"sub\":\"ann\"}";

  private TokenIssuer issuer;
  private Backend backend;
  private TestDoor door;

  @BeforeEach
  void start() throws IOException, JoseException {
    issuer = TokenIssuer.of("ES256");
    backend = Backend.echo();
    door = new TestDoor(folder);
    door.writeGateway("door", "*.example.com", "shop.example.com");
    write("web.yaml", TestDoor.service("shop", "web", backend));
  }

  @AfterEach
  void stop() {
    door.close();
    backend.close();
    issuer.close();
  }

  private void open() throws IOException {
    door.openWith(Map.of());
  }

  private void write(String file, String text) throws IOException {
    door.write(file, text);
  }

  private Wire.Message ask(String method, String path, String... fields) throws IOException {
    return door.askHost("shop.example.com", method, path, fields);
  }

  private int status(String method, String path, String... fields) throws IOException {
    return ask(method, path, fields).status();
  }

  private boolean isAnswered(int wanted, String token) {
    try {
      return status("GET", "/", bearer(token)) == wanted;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static String bearer(String token) {
    return "Authorization: Bearer " + token;
  }

  /** A rule for tokens of issuer id, with the keys written out. */
  private void authenticate(String more) throws IOException {
    write("tokens.yaml", authentication("issuer: id, jwks: '%s'%s".formatted(issuer.jwks(), more)));
  }

  private static String authentication(String rule) {
    return """
    ---
    apiVersion: security.istio.io/v1
    kind: RequestAuthentication
    metadata: {name: tokens, namespace: shop}
    spec: {%s, jwtRules: [{%s}]}
    """
        .formatted(TARGET, rule);
  }

  private void allow(String rule) throws IOException {
    write(
        "policy.yaml",
        TestDoor.policy("shop", "allowed", TARGET + ", rules: [{%s}]".formatted(rule)));
  }

  private Optional<String> received(String name) {
    return backend.requests().getLast().field(name);
  }

  @Test
  void requestWithoutATokenGoesOnUnlessAPolicyAsksForOne() throws IOException, JoseException {
    authenticate("");
    open();
    assertThat(status("GET", "/")).isEqualTo(200);
    allow("from: [{source: {requestPrincipals: [id/ann]}}]");
    String token = issuer.token(CLAIMS);
    Await.until("a token is asked for", () -> isAnswered(200, token) && isDenied());
  }

  private boolean isDenied() {
    try {
      return status("GET", "/") == 403;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "EdDSA"
      })
  void everyAlgorithmOfSignatures(String algorithm) throws IOException, JoseException {
    issuer.close();
    issuer = TokenIssuer.of(algorithm);
    authenticate("");
    open();
    assertThat(status("GET", "/", bearer(issuer.token(CLAIMS)))).isEqualTo(200);
    try (TokenIssuer other = TokenIssuer.of(algorithm)) {
      assertThat(status("GET", "/", bearer(other.token(CLAIMS)))).isEqualTo(401);
    }
  }

  @Test
  void refusalSaysWhyAndWhatIsAskedFor() throws IOException {
    authenticate("");
    open();
    Wire.Message refused = ask("GET", "/cart?x=1", bearer("a.b"));
    assertThat(refused.status()).isEqualTo(401);
    assertThat(refused.body()).isEqualTo("Jwt is not in the form of Header.Payload.Signature");
    assertThat(refused.field("www-authenticate"))
        .hasValue("Bearer realm=\"http://shop.example.com/cart\", error=\"invalid_token\"");
    assertThat(backend.requests()).isEmpty();
  }

  @Test
  void tokenWithoutASignatureIsRefused() throws IOException {
    authenticate("");
    open();
    String none = part("{\"alg\":\"none\"}") + "." + part(CLAIMS) + ".";
    assertThat(status("GET", "/", bearer(none))).isEqualTo(401);
  }

  private static String part(String json) {
    return Base64.getUrlEncoder().withoutPadding().encodeToString(json.getBytes(UTF_8));
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

  @Test
  void tokenOfAnotherIssuerIsRefused() throws IOException, JoseException {
    authenticate("");
    open();
    Wire.Message refused = ask("GET", "/", bearer(issuer.token("{\"iss\":\"else\"}")));
    assertThat(refused.status()).isEqualTo(401);
    assertThat(refused.body()).isEqualTo("Jwt issuer is not configured");
  }

  @Test
  void timesOfATokenCountWithAMinuteOfSkew() throws IOException, JoseException {
    authenticate("");
    open();
    long now = Instant.now().getEpochSecond();
    assertThat(status("GET", "/", bearer(issuer.token(timed("exp", now + 600))))).isEqualTo(200);
    assertThat(status("GET", "/", bearer(issuer.token(timed("exp", now - 20))))).isEqualTo(200);
    Wire.Message late = ask("GET", "/", bearer(issuer.token(timed("exp", now - 600))));
    assertThat(late.status()).isEqualTo(401);
    assertThat(late.body()).isEqualTo("Jwt is expired");
    Wire.Message early = ask("GET", "/", bearer(issuer.token(timed("nbf", now + 600))));
    assertThat(early.body()).isEqualTo("Jwt not yet valid");
  }

  @Test
  void rememberedTokenIsLookedAtForItsTimesAgain() throws IOException, JoseException {
    authenticate("");
    open();
    String token = issuer.token(timed("exp", Instant.now().getEpochSecond() - 56));
    assertThat(status("GET", "/", bearer(token))).isEqualTo(200);
    Await.until("it is too old", () -> isAnswered(401, token));
  }

  private static String timed(String claim, long seconds) {
    return "{\"iss\":\"id\",\"sub\":\"ann\",\"%s\":%d}".formatted(claim, seconds);
  }

  @Test
  void audiences() throws IOException, JoseException {
    authenticate(", audiences: [shop, bank]");
    open();
    assertThat(status("GET", "/", bearer(issuer.token(audience("[\"x\",\"shop\"]")))))
        .isEqualTo(200);
    assertThat(status("GET", "/", bearer(issuer.token(audience("\"bank\""))))).isEqualTo(200);
    assertThat(status("GET", "/", bearer(issuer.token(audience("\"x\""))))).isEqualTo(403);
    assertThat(status("GET", "/", bearer(issuer.token(CLAIMS)))).isEqualTo(403);
  }

  private static String audience(String json) {
    return "{\"iss\":\"id\",\"aud\":%s}".formatted(json);
  }

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
  void queryThatNobodyCanReadHasNoToken() throws IOException, JoseException {
    authenticate(", fromParams: [t]");
    open();
    assertThat(status("GET", "/?a=%zz")).isEqualTo(200);
    assertThat(status("GET", "/?a=%zz&t=a.b.c")).isEqualTo(401);
    assertThat(status("GET", "/?a=%zz&t=" + issuer.token(CLAIMS))).isEqualTo(200);
    assertThat(backend.requests().getLast().line()).isEqualTo("GET /?a=%zz HTTP/1.1");
  }

  @Test
  void fieldOfTheTokenMayBeThatOfThePayload() throws IOException, JoseException {
    authenticate(", fromHeaders: [{name: x-jwt}], outputPayloadToHeader: x-jwt");
    open();
    assertThat(status("GET", "/", "x-jwt: forged")).isEqualTo(401);
    assertThat(status("GET", "/", "x-jwt: " + issuer.token(CLAIMS))).isEqualTo(200);
    assertThat(received("x-jwt")).hasValue(part(CLAIMS));
  }

  @Test
  void claimsInPolicies() throws IOException, JoseException {
    authenticate("");
    allow(
        "when: [{key: 'request.auth.claims[org][team]', values: [core]},"
            + " {key: 'request.auth.claims[scope]', values: [write]}]");
    open();
    assertThat(status("GET", "/", bearer(issuer.token(teams("[\"x\",\"core\"]", "read write")))))
        .isEqualTo(200);
    assertThat(status("GET", "/", bearer(issuer.token(teams("\"core\"", "write"))))).isEqualTo(200);
    assertThat(status("GET", "/", bearer(issuer.token(teams("\"x\"", "write"))))).isEqualTo(403);
    assertThat(status("GET", "/", bearer(issuer.token(teams("\"core\"", "rewrite")))))
        .isEqualTo(403);
  }

  private static String teams(String team, String scope) {
    return "{\"iss\":\"id\",\"org\":{\"team\":%s},\"scope\":\"%s\"}".formatted(team, scope);
  }

  @Test
  void severalIssuers() throws IOException, JoseException {
    try (TokenIssuer other = TokenIssuer.of("RS256")) {
      authenticate("}, {issuer: other, jwks: '%s'".formatted(other.jwks()));
      allow("from: [{source: {requestPrincipals: [other/*]}}]");
      open();
      String good = "{\"iss\":\"other\",\"sub\":\"bob\"}";
      assertThat(status("GET", "/", bearer(other.token(good)))).isEqualTo(200);
      assertThat(status("GET", "/", bearer(issuer.token(CLAIMS)))).isEqualTo(403);
      assertThat(status("GET", "/", bearer(issuer.token(good)))).isEqualTo(401);
    }
  }

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

  @Test
  void policyThatCannotBeReadTakesNoToken() throws IOException, JoseException {
    write("tokens.yaml", authentication("issuer: id, jwk: '%s'".formatted(issuer.jwks())));
    open();
    assertThat(status("GET", "/", bearer(issuer.token(CLAIMS)))).isEqualTo(401);
  }

  @Test
  void tokenOverHttp2() throws IOException, JoseException, InterruptedException {
    authenticate("");
    allow("from: [{source: {requestPrincipals: [id/ann]}}]");
    open();
    InetSocketAddress address = door.address();
    try (Http2Peer client = Http2Peer.client(address)) {
      String good = "Bearer " + issuer.token(CLAIMS);
      assertThat(answer(client, "authorization", good)).isEqualTo("200");
      assertThat(answer(client, "authorization", "Bearer x")).isEqualTo("401");
      assertThat(answer(client, "x-nothing", "x")).isEqualTo("403");
    }
  }

  private static String answer(Http2Peer client, String name, String value)
      throws InterruptedException {
    return client
        .open(Http2Peer.request("GET", "/", name, value).authority("shop.example.com"), true)
        .headers()
        .status()
        .toString();
  }
}
