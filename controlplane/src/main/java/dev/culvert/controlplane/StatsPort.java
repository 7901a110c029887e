// SPDX-License-Identifier: Apache-2.0
package dev.culvert.controlplane;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import dev.culvert.controlplane.state.ControlPlaneException;
import java.io.IOException;
import java.net.HttpURLConnection;
import java.net.InetSocketAddress;
import java.util.Optional;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.function.Supplier;

/**
 * Gives metrics to whoever scrapes them, in the text format of Prometheus, and says whether the
 * mesh is followed. It is there when the mesh is known, and not before.
 */
final class StatsPort implements AutoCloseable {
  private static final String FORMAT = "text/plain; version=0.0.4; charset=utf-8";
  private static final String PLAIN = "text/plain; charset=utf-8";
  private static final int WITHOUT_BODY = -1;

  private final HttpServer server;
  private final ExecutorService executor = Executors.newVirtualThreadPerTaskExecutor();

  /** What is answered. */
  private record Page(int status, String type, String text) {}

  private StatsPort(
      HttpServer server, Supplier<String> scrape, Supplier<Optional<String>> trouble) {
    this.server = server;
    server.createContext("/", exchange -> end(exchange, HttpURLConnection.HTTP_NOT_FOUND));
    serve("/metrics", () -> new Page(HttpURLConnection.HTTP_OK, FORMAT, scrape.get()));
    serve("/healthz/ready", () -> readiness(trouble.get()));
    server.setExecutor(executor);
    server.start();
  }

  /**
   * Starts to answer.
   *
   * @param trouble why it is not ready; empty when it is
   * @throws ControlPlaneException when the address cannot be listened on
   */
  static StatsPort start(
      InetSocketAddress address, Supplier<String> scrape, Supplier<Optional<String>> trouble) {
    try {
      return new StatsPort(HttpServer.create(address, 0), scrape, trouble);
    } catch (IOException e) {
      throw new ControlPlaneException(
          "stats-listen",
          "cannot listen on %s (%s)".formatted(address, e.getMessage()),
          "free the port, or choose another with 'stats-listen'",
          e);
    }
  }

  int port() {
    return server.getAddress().getPort();
  }

  @Override
  public void close() {
    server.stop(0);
    executor.close();
  }

  private void serve(String path, Supplier<Page> page) {
    server.createContext(
        path,
        exchange -> {
          if (!exchange.getRequestURI().getPath().equals(path)) {
            end(exchange, HttpURLConnection.HTTP_NOT_FOUND);
          } else if (!exchange.getRequestMethod().equals("GET")) {
            end(exchange, HttpURLConnection.HTTP_BAD_METHOD);
          } else {
            answer(exchange, page.get());
          }
        });
  }

  private static Page readiness(Optional<String> trouble) {
    return trouble
        .map(why -> new Page(HttpURLConnection.HTTP_UNAVAILABLE, PLAIN, why + "\n"))
        .orElseGet(() -> new Page(HttpURLConnection.HTTP_OK, PLAIN, "ready\n"));
  }

  private static void answer(HttpExchange exchange, Page page) throws IOException {
    byte[] text = page.text().getBytes(UTF_8);
    exchange.getResponseHeaders().set("Content-Type", page.type());
    exchange.sendResponseHeaders(page.status(), text.length);
    try (var body = exchange.getResponseBody()) {
      body.write(text);
    }
  }

  private static void end(HttpExchange exchange, int status) throws IOException {
    exchange.sendResponseHeaders(status, WITHOUT_BODY);
    exchange.close();
  }
}
