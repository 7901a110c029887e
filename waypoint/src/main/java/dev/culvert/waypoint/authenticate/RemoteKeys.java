// SPDX-License-Identifier: Apache-2.0
package dev.culvert.waypoint.authenticate;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jose4j.json.JsonUtil;
import org.jose4j.lang.JoseException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Keys that a server tells, fetched by a thread of its own ahead of requests. While the server is
 * out, the last ones stay.
 */
final class RemoteKeys implements KeySource, AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(RemoteKeys.class);
  private static final int MOST_BYTES = 1 << 20;
  private static final Duration PATIENCE = Duration.ofSeconds(5);
  private static final String CONFIGURATION = "/.well-known/openid-configuration";

  /** How often it asks. */
  private static final Duration PERIOD = Duration.ofMinutes(5);

  private static final Duration FIRST_RETRY = Duration.ofMillis(500);
  private static final Duration LAST_RETRY = Duration.ofSeconds(30);

  private final HttpClient client;
  private final URI uri;
  private final boolean discovers;
  private final Duration pause;
  private final Semaphore wanted = new Semaphore(0);
  private final Thread fetcher;
  private volatile TokenKeys keys = TokenKeys.NONE;
  private boolean out;

  /**
   * Begins to fetch.
   *
   * @param address of the keys, or of an issuer whose OpenID configuration tells it
   * @param discovers whether it is that of an issuer
   * @param pause between two fetches that tokens with unknown keys cause
   */
  RemoteKeys(HttpClient client, String address, boolean discovers, Duration pause) {
    this.client = client;
    this.uri = URI.create(discovers ? address.replaceFirst("/$", "") + CONFIGURATION : address);
    this.discovers = discovers;
    this.pause = pause;
    this.fetcher = Thread.ofVirtual().name("keys of " + address).start(this::run);
  }

  @Override
  public TokenKeys keys() {
    return keys;
  }

  @Override
  public void missing() {
    if (wanted.availablePermits() == 0) {
      wanted.release();
    }
  }

  private void run() {
    Duration retry = FIRST_RETRY;
    try {
      while (true) {
        boolean fetched = fetch();
        retry = fetched ? FIRST_RETRY : min(retry.multipliedBy(2), LAST_RETRY);
        Duration floor = fetched ? pause : retry;
        Thread.sleep(floor);
        if (fetched) {
          wanted.tryAcquire(PERIOD.toMillis(), TimeUnit.MILLISECONDS);
        }
        wanted.drainPermits();
      }
    } catch (InterruptedException e) {
      // Closed.
    }
  }

  private static Duration min(Duration one, Duration other) {
    return one.compareTo(other) < 0 ? one : other;
  }

  private boolean fetch() throws InterruptedException {
    try {
      URI from = discovers ? discovered(get(uri)) : uri;
      String text = get(from);
      TokenKeys next = TokenKeys.parse(text);
      if (next.isEmpty()) {
        throw new IOException("it has no public key for signatures");
      }
      keys = next;
      if (out) {
        LOG.info("keys of {}: there again", uri);
      }
      out = false;
      return true;
    } catch (IOException | JoseException | IllegalArgumentException e) {
      if (!out) {
        LOG.warn(
            "keys of {}: {}; {}",
            uri,
            e.toString(),
            keys.isEmpty() ? "its tokens are refused until they come" : "the last ones stay");
      }
      out = true;
      return false;
    }
  }

  private static URI discovered(String configuration) throws IOException, JoseException {
    if (JsonUtil.parseJson(configuration).get("jwks_uri") instanceof String address) {
      return URI.create(address);
    }
    throw new IOException("the OpenID configuration has no jwks_uri");
  }

  /** The client's own time-out ends with the head of the response. */
  private String get(URI from) throws IOException, InterruptedException {
    HttpRequest request =
        HttpRequest.newBuilder(from).timeout(PATIENCE).header("accept", "application/json").build();
    var coming =
        client.sendAsync(
            request,
            HttpResponse.BodyHandlers.limiting(
                HttpResponse.BodyHandlers.ofString(UTF_8), MOST_BYTES));
    try {
      HttpResponse<String> response = coming.get(PATIENCE.toMillis(), TimeUnit.MILLISECONDS);
      if (response.statusCode() != 200) {
        throw new IOException("status %d of %s".formatted(response.statusCode(), from));
      }
      return response.body();
    } catch (ExecutionException e) {
      throw new IOException(e.getCause());
    } catch (TimeoutException e) {
      throw new IOException("no whole answer in %ds".formatted(PATIENCE.toSeconds()), e);
    } finally {
      coming.cancel(true);
    }
  }

  /** Stops fetching; the keys stay with those who have them. */
  @Override
  public void close() {
    fetcher.interrupt();
  }
}
