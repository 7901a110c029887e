// SPDX-License-Identifier: Apache-2.0
package dev.culvert.cli.lab;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import dev.culvert.cli.answer.JsonObject;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.Objects;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Answers every request with what the server sees of it. Of those for {@code /flaky} it answers two
 * of three with 503.
 */
final class WebApp {
  private static final String FLAKY = "/flaky";

  private final String pod;
  private final AtomicInteger flaky = new AtomicInteger();

  private WebApp(String pod) {
    this.pod = pod;
  }

  static void listen(LabPlace place, String pod, int port) throws IOException {
    HttpServer server = place.call(() -> HttpServer.create(new InetSocketAddress(port), 128));
    server.setExecutor(Executors.newVirtualThreadPerTaskExecutor());
    server.createContext("/", new WebApp(pod)::answer);
    server.start();
  }

  private void answer(HttpExchange exchange) throws IOException {
    try (exchange) {
      byte[] sent = exchange.getRequestBody().readAllBytes();
      byte[] answer =
          (new JsonObject()
                      .put("pod", pod)
                      .put("client", exchange.getRemoteAddress().getAddress().getHostAddress())
                      .put("path", exchange.getRequestURI().getPath())
                      .put("sent", new String(sent, StandardCharsets.UTF_8))
                      .put("traceparent", trace(exchange))
                  + "\n")
              .getBytes(StandardCharsets.UTF_8);
      exchange.getResponseHeaders().set("content-type", "application/json");
      exchange.sendResponseHeaders(status(exchange), answer.length);
      exchange.getResponseBody().write(answer);
    }
  }

  /** Empty when it is told of none. */
  private static String trace(HttpExchange exchange) {
    return Objects.toString(exchange.getRequestHeaders().getFirst("traceparent"), "");
  }

  private int status(HttpExchange exchange) {
    boolean fails =
        exchange.getRequestURI().getPath().equals(FLAKY) && flaky.incrementAndGet() % 3 != 0;
    return fails ? 503 : 200;
  }
}
