// SPDX-License-Identifier: Apache-2.0
package dev.culvert.waypoint.trace;

import dev.culvert.ztunnel.telemetry.ExportQueue;
import java.io.IOException;
import java.net.SocketTimeoutException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A collector of OTLP in protobuf over HTTP/1.1. One thread, which writes and waits for answers.
 */
final class Collector {
  private static final Logger LOG = LoggerFactory.getLogger(Collector.class);

  /** How often what may be sent again is sent (OTLP, Failures, retryable response codes). */
  private static final int ATTEMPTS = 3;

  private static final String BROKEN = "broken: ";
  private static final Duration PAUSE = Duration.ofSeconds(1);

  private final URI endpoint;
  private final String begin;
  private volatile @Nullable CollectorConnection connection;
  private String problem = "";

  /**
   * @param endpoint with its path
   */
  Collector(URI endpoint) {
    this.endpoint = endpoint;
    String path = endpoint.getRawPath().isEmpty() ? "/" : endpoint.getRawPath();
    String query = endpoint.getRawQuery() == null ? "" : "?" + endpoint.getRawQuery();
    String port = endpoint.getPort() < 0 ? "" : ":" + endpoint.getPort();
    this.begin =
        "POST %s%s HTTP/1.1\r\n".formatted(path, query)
            + "host: %s%s\r\n".formatted(endpoint.getHost(), port)
            + "user-agent: culvert\r\n"
            + "content-type: application/x-protobuf\r\n"
            + "content-length: ";
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
    CollectorConnection now = connection;
    if (now == null || !now.isKept()) {
      close();
      now = new CollectorConnection(endpoint, (int) ExportQueue.TIMEOUT.toMillis());
      connection = now;
    }
    return now.post(head(length), bytes, length);
  }

  private byte[] head(int length) {
    return (begin + length + "\r\n\r\n").getBytes(StandardCharsets.ISO_8859_1);
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

  /** Who waits for an answer, waits no longer. Any thread. */
  void close() {
    CollectorConnection last = connection;
    if (last != null) {
      last.close();
    }
  }
}
