// SPDX-License-Identifier: Apache-2.0
package dev.culvert.cli.lab;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import dev.culvert.cli.JsonObject;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.Executors;

/** Answers every request with what the server sees of it. */
final class WebApp {
  private final String pod;

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
                  + "\n")
              .getBytes(StandardCharsets.UTF_8);
      exchange.getResponseHeaders().set("content-type", "application/json");
      exchange.sendResponseHeaders(200, answer.length);
      exchange.getResponseBody().write(answer);
    }
  }
}
