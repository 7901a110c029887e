// SPDX-License-Identifier: Apache-2.0
package dev.culvert.waypoint.authenticate;

import dev.culvert.policy.resource.JwtRule;
import java.net.http.HttpClient;
import java.time.Duration;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;
import org.jose4j.lang.JoseException;
import org.jspecify.annotations.Nullable;

/**
 * The keys of all issuers, and with them what they proved, kept while the configuration changes. On
 * the thread that compiles.
 */
public final class KeySources implements AutoCloseable {
  private static final Duration CONNECT = Duration.ofSeconds(5);

  /** Bearers of strange tokens must not make us flood an issuer. */
  private static final Duration PAUSE = Duration.ofSeconds(1);

  /** Keys that are written in the rule itself. */
  private record Written(TokenKeys keys) implements KeySource {}

  private final Map<String, RemoteKeys> remote = new HashMap<>();

  /** By the text of a key set. */
  private final Map<String, TokenKeys> written = new HashMap<>();

  private final Set<String> used = new HashSet<>();

  /** None until an issuer's keys are to be fetched: it reads every root that the JDK trusts. */
  private @Nullable HttpClient client;

  /** A configuration is compiled anew. */
  public void begin() {
    used.clear();
  }

  /** Forgets the keys that the last configuration does not use. */
  public void end() {
    written.keySet().retainAll(used);
    for (String address : Set.copyOf(remote.keySet())) {
      if (!used.contains(address)) {
        Optional.ofNullable(remote.remove(address)).ifPresent(RemoteKeys::close);
      }
    }
  }

  KeySource of(JwtRule rule, Consumer<String> problem) {
    if (rule.jwks().isEmpty()) {
      String address = rule.jwksUri().orElse(rule.issuer());
      used.add(address);
      return remote.computeIfAbsent(
          address, one -> new RemoteKeys(client(), one, rule.jwksUri().isEmpty(), PAUSE));
    }
    String json = rule.jwks().get();
    TokenKeys known = written.get(json);
    TokenKeys keys = known == null ? parse(json, problem) : known;
    if (!keys.isEmpty()) {
      used.add(json);
      written.put(json, keys);
    }
    return new Written(keys);
  }

  private HttpClient client() {
    if (client == null) {
      client =
          HttpClient.newBuilder()
              .connectTimeout(CONNECT)
              .followRedirects(HttpClient.Redirect.NEVER)
              .build();
    }
    return client;
  }

  private static TokenKeys parse(String json, Consumer<String> problem) {
    try {
      TokenKeys keys = TokenKeys.parse(json);
      if (keys.isEmpty()) {
        problem.accept("jwks has no public key for signatures");
      }
      return keys;
    } catch (JoseException e) {
      problem.accept("jwks is no JSON Web Key Set");
      return TokenKeys.NONE;
    }
  }

  @Override
  public void close() {
    remote.values().forEach(RemoteKeys::close);
    if (client != null) {
      client.shutdownNow();
    }
  }
}
