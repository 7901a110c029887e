// SPDX-License-Identifier: Apache-2.0
package dev.culvert.cli.demo;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import dev.culvert.cli.lab.Await;
import dev.culvert.cli.lab.LabPlace;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;

/** An OpenTelemetry collector on the loopback of a pod: OTLP over HTTP, spans only. */
final class SpanCollector implements AutoCloseable {
  private static final int PORT = 4318;
  private static final String PATH = "/v1/traces";

  /** Where proxies of that pod find it. */
  static final String ENDPOINT = "http://127.0.0.1:" + PORT + PATH;

  private final HttpServer server;
  private final List<CollectedSpan> spans = new CopyOnWriteArrayList<>();

  private SpanCollector(HttpServer server) {
    this.server = server;
    server.createContext(PATH, this::take);
    server.start();
  }

  /** Listens until it is closed. */
  static SpanCollector start(LabPlace place) throws IOException {
    InetSocketAddress address = new InetSocketAddress(InetAddress.getLoopbackAddress(), PORT);
    return new SpanCollector(place.call(() -> HttpServer.create(address, 0)));
  }

  /** Those of a trace, once there is one; the proxy sends them a moment after the request. */
  List<CollectedSpan> await(String trace) throws IOException {
    Await.until("a span of trace " + trace, Timing.SOON, () -> !of(trace).isEmpty());
    return of(trace);
  }

  private List<CollectedSpan> of(String trace) {
    return spans.stream().filter(span -> span.trace().equals(trace)).toList();
  }

  private void take(HttpExchange exchange) throws IOException {
    try (exchange) {
      spans.addAll(CollectedSpan.readAll(exchange.getRequestBody()));
      exchange.sendResponseHeaders(200, -1);
    }
  }

  @Override
  public void close() {
    server.stop(0);
  }
}
