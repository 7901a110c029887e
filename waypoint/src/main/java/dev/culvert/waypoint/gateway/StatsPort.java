// SPDX-License-Identifier: Apache-2.0
package dev.culvert.waypoint.gateway;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.util.Optional;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.function.Supplier;

/** Metrics for Prometheus, and readiness, on every address. */
public final class StatsPort implements AutoCloseable {
  private static final String METRICS_TYPE = "text/plain; version=0.0.4; charset=utf-8";

  private final HttpServer server;
  private final ExecutorService threads;

  /**
   * Opens it.
   *
   * @param setting that names the port
   * @param waitingFor what keeps the process from being ready; empty when it is
   * @throws IOException when the port is taken
   */
  public StatsPort(
      String setting, int port, Supplier<String> metrics, Supplier<Optional<String>> waitingFor)
      throws IOException {
    try {
      server = HttpServer.create(new InetSocketAddress(port), 0);
    } catch (IOException e) {
      throw new IOException(
          "cannot listen on port %d: %s; set %s to a free port, or 0 for any"
              .formatted(port, e.getMessage(), setting),
          e);
    }
    threads = Executors.newThreadPerTaskExecutor(Thread.ofVirtual().name("stats-", 0).factory());
    server.setExecutor(threads);
    server.createContext(
        "/", exchange -> answer(exchange, 404, "there are: /metrics /healthz/ready\n"));
    server.createContext("/metrics", exchange -> answer(exchange, 200, metrics.get()));
    server.createContext(
        "/healthz/ready",
        exchange -> {
          Optional<String> missing = waitingFor.get();
          answer(
              exchange,
              missing.isEmpty() ? 200 : 503,
              missing.map(what -> "waits for " + what + "\n").orElse("ready\n"));
        });
    server.start();
  }

  /** Where it listens. */
  public int port() {
    return server.getAddress().getPort();
  }

  private static void answer(HttpExchange exchange, int status, String text) throws IOException {
    try (exchange) {
      byte[] body = text.getBytes(UTF_8);
      exchange.getResponseHeaders().set("content-type", METRICS_TYPE);
      exchange.sendResponseHeaders(status, body.length);
      exchange.getResponseBody().write(body);
    }
  }

  @Override
  public void close() {
    server.stop(0);
    threads.shutdownNow();
  }
}
