// SPDX-License-Identifier: Apache-2.0
package dev.culvert.waypoint.peers;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.jose4j.jwk.EcJwkGenerator;
import org.jose4j.jwk.JsonWebKey.OutputControlLevel;
import org.jose4j.jwk.JsonWebKeySet;
import org.jose4j.jwk.OkpJwkGenerator;
import org.jose4j.jwk.PublicJsonWebKey;
import org.jose4j.jwk.RsaJwkGenerator;
import org.jose4j.jws.JsonWebSignature;
import org.jose4j.keys.EllipticCurves;
import org.jose4j.lang.JoseException;

/** Makes tokens, and serves its keys over HTTP when asked to. */
public final class TokenIssuer implements AutoCloseable {
  private final HttpServer server;
  private final AtomicInteger fetches = new AtomicInteger();
  private volatile List<PublicJsonWebKey> keys;
  private volatile int status = 200;

  private TokenIssuer(HttpServer server, PublicJsonWebKey key) {
    this.server = server;
    this.keys = List.of(key);
  }

  /** With a key for an algorithm such as RS256. */
  public static TokenIssuer of(String algorithm) throws IOException, JoseException {
    HttpServer server =
        HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    TokenIssuer issuer = new TokenIssuer(server, key(algorithm, "1"));
    server.createContext("/keys", exchange -> issuer.answer(exchange, issuer.jwks()));
    server.createContext(
        "/.well-known/openid-configuration",
        exchange ->
            issuer.answer(exchange, "{\"jwks_uri\":\"%s/keys\"}".formatted(issuer.address())));
    server.start();
    return issuer;
  }

  private static PublicJsonWebKey key(String algorithm, String id) throws JoseException {
    PublicJsonWebKey key =
        switch (algorithm) {
          case "ES256" -> EcJwkGenerator.generateJwk(EllipticCurves.P256);
          case "ES384" -> EcJwkGenerator.generateJwk(EllipticCurves.P384);
          case "ES512" -> EcJwkGenerator.generateJwk(EllipticCurves.P521);
          case "EdDSA" -> OkpJwkGenerator.generateJwk("Ed25519");
          default -> RsaJwkGenerator.generateJwk(2048);
        };
    key.setAlgorithm(algorithm);
    key.setKeyId(id);
    return key;
  }

  private void answer(com.sun.net.httpserver.HttpExchange exchange, String text)
      throws IOException {
    fetches.incrementAndGet();
    byte[] bytes = text.getBytes(UTF_8);
    exchange.sendResponseHeaders(status, bytes.length);
    exchange.getResponseBody().write(bytes);
    exchange.close();
  }

  /** Answers with this status from now on. */
  public void answerWith(int wanted) {
    status = wanted;
  }

  /** Signs with another key from now on; the old one is gone. */
  public void rotate() throws JoseException {
    PublicJsonWebKey old = keys.getFirst();
    int next = Integer.parseInt(old.getKeyId()) + 1;
    keys = List.of(key(old.getAlgorithm(), String.valueOf(next)));
  }

  public String address() {
    return "http://127.0.0.1:" + server.getAddress().getPort();
  }

  public int fetches() {
    return fetches.get();
  }

  /** Its keys, without what is secret. */
  public String jwks() {
    return new JsonWebKeySet(new ArrayList<>(keys)).toJson(OutputControlLevel.PUBLIC_ONLY);
  }

  /** Signs claims. */
  public String token(String claims) throws JoseException {
    return token(claims, keys.getFirst().getAlgorithm());
  }

  /** Signs claims by another algorithm than the key is for. */
  public String token(String claims, String algorithm) throws JoseException {
    PublicJsonWebKey key = keys.getFirst();
    JsonWebSignature signature = new JsonWebSignature();
    signature.setPayload(claims);
    signature.setAlgorithmHeaderValue(algorithm);
    signature.setKeyIdHeaderValue(key.getKeyId());
    signature.setKey(key.getPrivateKey());
    return signature.getCompactSerialization();
  }

  @Override
  public void close() {
    server.stop(0);
  }
}
