// SPDX-License-Identifier: Apache-2.0
package dev.culvert.controlplane;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import dev.culvert.controlplane.state.ControlPlaneException;
import java.io.IOException;
import java.net.HttpURLConnection;
import java.net.InetSocketAddress;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.function.Supplier;

/** Gives metrics to whoever scrapes them, in the text format of Prometheus. */
final class StatsPort implements AutoCloseable {
  private static final String FORMAT = "text/plain; version=0.0.4; charset=utf-8";
  private static final int WITHOUT_BODY = -1;

  private final HttpServer server;
  private final ExecutorService executor = Executors.newVirtualThreadPerTaskExecutor();

  private StatsPort(HttpServer server, Supplier<String> scrape) {
    this.server = server;
    server.createContext("/", exchange -> answer(exchange, HttpURLConnection.HTTP_NOT_FOUND));
    server.createContext("/metrics", exchange -> metrics(exchange, scrape));
    server.setExecutor(executor);
    server.start();
  }

  /**
   * Starts to answer.
   *
   * @throws ControlPlaneException when the address cannot be listened on
   */
  static StatsPort start(InetSocketAddress address, Supplier<String> scrape) {
    try {
      return new StatsPort(HttpServer.create(address, 0), scrape);
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

  private static void metrics(HttpExchange exchange, Supplier<String> scrape) throws IOException {
    if (!exchange.getRequestURI().getPath().equals("/metrics")) {
      answer(exchange, HttpURLConnection.HTTP_NOT_FOUND);
    } else if (!exchange.getRequestMethod().equals("GET")) {
      answer(exchange, HttpURLConnection.HTTP_BAD_METHOD);
    } else {
      byte[] text = scrape.get().getBytes(UTF_8);
      exchange.getResponseHeaders().set("Content-Type", FORMAT);
      exchange.sendResponseHeaders(HttpURLConnection.HTTP_OK, text.length);
      try (var body = exchange.getResponseBody()) {
        body.write(text);
      }
    }
  }

  private static void answer(HttpExchange exchange, int status) throws IOException {
    exchange.sendResponseHeaders(status, WITHOUT_BODY);
    exchange.close();
  }
}
