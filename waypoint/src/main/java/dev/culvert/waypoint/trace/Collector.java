// SPDX-License-Identifier: Apache-2.0
package dev.culvert.waypoint.trace;

import dev.culvert.ztunnel.telemetry.ExportQueue;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.HttpURLConnection;
import java.net.SocketTimeoutException;
import java.net.URI;
import java.time.Duration;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A collector of OTLP in protobuf over HTTP. One thread, which writes and waits for its answers:
 * the JDK's newer client hands each batch to two threads of its own, which cost more than all else.
 */
final class Collector {
  private static final Logger LOG = LoggerFactory.getLogger(Collector.class);

  /** How often what may be sent again is sent (OTLP, Failures, retryable response codes). */
  private static final int ATTEMPTS = 3;

  private static final String BROKEN = "broken: ";
  private static final Duration PAUSE = Duration.ofSeconds(1);

  private final URI endpoint;
  private volatile @Nullable HttpURLConnection asked;
  private String problem = "";

  /**
   * @param endpoint with its path
   */
  Collector(URI endpoint) {
    this.endpoint = endpoint;
  }

  /** Returns whether it was taken; a new reason why not is logged. */
  boolean post(byte[] bytes, int length) throws InterruptedException {
    String now = attempt(bytes, length);
    for (int i = 1; i < ATTEMPTS && isPassing(now); i++) {
      Thread.sleep(PAUSE.multipliedBy(i));
      now = attempt(bytes, length);
    }
    tell(now);
    return now.isEmpty();
  }

  /** What went wrong; empty for nothing. A connection that was kept may have ended meanwhile. */
  private String attempt(byte[] bytes, int length) {
    String now = once(bytes, length);
    return now.startsWith(BROKEN) ? once(bytes, length) : now;
  }

  private String once(byte[] bytes, int length) {
    try {
      int status = send(bytes, length);
      return status / 100 == 2 ? "" : "status " + status;
    } catch (SocketTimeoutException e) {
      return "no answer in " + ExportQueue.TIMEOUT;
    } catch (IOException e) {
      return BROKEN + e;
    }
  }

  private int send(byte[] bytes, int length) throws IOException {
    HttpURLConnection post = (HttpURLConnection) endpoint.toURL().openConnection();
    asked = post;
    post.setConnectTimeout((int) ExportQueue.TIMEOUT.toMillis());
    post.setReadTimeout((int) ExportQueue.TIMEOUT.toMillis());
    post.setInstanceFollowRedirects(false);
    post.setRequestMethod("POST");
    post.setRequestProperty("content-type", "application/x-protobuf");
    post.setDoOutput(true);
    post.setFixedLengthStreamingMode(length);
    try (OutputStream body = post.getOutputStream()) {
      body.write(bytes, 0, length);
    }
    int status = post.getResponseCode();
    readAll(status < 400 ? post.getInputStream() : post.getErrorStream());
    return status;
  }

  /** A connection is used again when its answer was read. */
  private static void readAll(@Nullable InputStream answer) throws IOException {
    if (answer != null) {
      try (answer) {
        answer.transferTo(OutputStream.nullOutputStream());
      }
    }
  }

  private static boolean isPassing(String problem) {
    return switch (problem) {
      case "status 429", "status 502", "status 503", "status 504" -> true;
      default -> false;
    };
  }

  private void tell(String now) {
    if (!now.isEmpty() && problem.isEmpty()) {
      LOG.warn("{}: spans are not taken ({}) and are lost; setting trace-endpoint", endpoint, now);
    } else if (now.isEmpty() && !problem.isEmpty()) {
      LOG.info("{}: spans are taken again", endpoint);
    }
    problem = now;
  }

  /** Who waits for an answer, waits no longer. */
  void close() {
    HttpURLConnection last = asked;
    if (last != null) {
      last.disconnect();
    }
  }
}
