// SPDX-License-Identifier: Apache-2.0
package dev.culvert.waypoint.gateway;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.culvert.waypoint.peers.Backend;
import dev.culvert.waypoint.peers.TokenIssuer;
import dev.culvert.waypoint.peers.Wire;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.Base64;
import java.util.Map;
import java.util.Optional;
import org.jose4j.lang.JoseException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.io.TempDir;

/** A running door, and tokens of an issuer that a RequestAuthentication of it names. */
abstract class TokenCase {
  private static final String TARGET =
      "targetRefs: [{group: gateway.networking.k8s.io, kind: Gateway, name: door}]";

  @TempDir private Path folder;

  static final String CLAIMS = "{\"iss\":\"id\",\"sub\":\"ann\"}";

  TokenIssuer issuer;
  Backend backend;
  TestDoor door;

  @BeforeEach
  final void start() throws IOException, JoseException {
    issuer = TokenIssuer.of("ES256");
    backend = Backend.echo();
    door = new TestDoor(folder);
    door.writeGateway("door", "*.example.com", "shop.example.com");
    write("web.yaml", TestDoor.service("shop", "web", backend));
  }

  @AfterEach
  final void stop() {
    door.close();
    backend.close();
    issuer.close();
  }

  final void open() throws IOException {
    door.openWith(Map.of());
  }

  final void write(String file, String text) throws IOException {
    door.write(file, text);
  }

  final Wire.Message ask(String method, String path, String... fields) throws IOException {
    return door.askHost("shop.example.com", method, path, fields);
  }

  final int status(String method, String path, String... fields) throws IOException {
    return ask(method, path, fields).status();
  }

  final boolean isAnswered(int wanted, String token) {
    try {
      return status("GET", "/", bearer(token)) == wanted;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  static String bearer(String token) {
    return "Authorization: Bearer " + token;
  }

  /** A rule for tokens of issuer id, with the keys written out. */
  final void authenticate(String more) throws IOException {
    write("tokens.yaml", authentication("issuer: id, jwks: '%s'%s".formatted(issuer.jwks(), more)));
  }

  static String authentication(String rule) {
    return """
    ---
    apiVersion: security.istio.io/v1
    kind: RequestAuthentication
    metadata: {name: tokens, namespace: shop}
    spec: {%s, jwtRules: [{%s}]}
    """
        .formatted(TARGET, rule);
  }

  final void allow(String rule) throws IOException {
    write(
        "policy.yaml",
        TestDoor.policy("shop", "allowed", TARGET + ", rules: [{%s}]".formatted(rule)));
  }

  final Optional<String> received(String name) {
    return backend.requests().getLast().field(name);
  }

  static String part(String json) {
    return Base64.getUrlEncoder().withoutPadding().encodeToString(json.getBytes(UTF_8));
  }
}
