// SPDX-License-Identifier: Apache-2.0
package dev.culvert.ztunnel.telemetry;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.net.httpserver.HttpServer;
import dev.culvert.ztunnel.peers.Await;
import dev.culvert.ztunnel.telemetry.ConnectionInfo.Direction;
import dev.culvert.ztunnel.telemetry.ConnectionInfo.Security;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.Optional;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import org.junit.jupiter.api.Test;
import org.slf4j.event.Level;

class OtlpExportTest {
  private final SimpleMeterRegistry registry = new SimpleMeterRegistry();

  @Test
  void collectorGetsTheFieldsOfTheLine() throws IOException {
    Queue<String> bodies = new ConcurrentLinkedQueue<>();
    Queue<String> types = new ConcurrentLinkedQueue<>();
    HttpServer collector =
        HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    collector.createContext(
        "/v1/logs",
        exchange -> {
          types.add(exchange.getRequestHeaders().getFirst("Content-Type"));
          bodies.add(
              new String(exchange.getRequestBody().readAllBytes(), StandardCharsets.ISO_8859_1));
          exchange.sendResponseHeaders(200, -1);
          exchange.close();
        });
    collector.start();
    try (OtlpExport export = export(collector.getAddress().getPort(), 100)) {
      export.offer(Level.WARN, refusal());
      Await.until("the collector's answer", () -> sent() == 1);
    } finally {
      collector.stop(0);
    }

    assertThat(types).containsExactly("application/x-protobuf");
    assertThat(bodies.element())
        .contains("connection failed", "src.addr", "198.18.0.9:40000", "direction", "outbound")
        .contains("error", "no route", "response_flags", "CONNECT", "k8s.node.name", "one");
  }

  @Test
  void silentCollectorCostsLinesAndNobodysTime() throws IOException {
    try (ServerSocket silent = new ServerSocket(0, 1, InetAddress.getLoopbackAddress());
        OtlpExport export = export(silent.getLocalPort(), 2)) {
      for (int i = 0; i < 2_000; i++) {
        export.offer(Level.INFO, refusal());
      }
      // Two may wait, and at most two batches of at most three were taken out while we offered.
      assertThat(dropped("queue_full")).isGreaterThan(1_900);
    }
  }

  private OtlpExport export(int port, int queue) {
    URI endpoint = URI.create("http://127.0.0.1:%d/v1/logs".formatted(port));
    return new OtlpExport(
        new OtlpTarget(endpoint, queue, Map.of("k8s.node.name", "one")), registry);
  }

  private double sent() {
    return registry.counter("culvert_otlp_access_logs_sent").count();
  }

  private double dropped(String reason) {
    return registry.counter("culvert_otlp_access_logs_dropped", "reason", reason).count();
  }

  private static AccessEntry refusal() {
    InetSocketAddress asked = new InetSocketAddress("198.18.1.1", 80);
    ConnectionInfo info =
        new ConnectionInfo(
            Direction.OUTBOUND,
            Security.NONE,
            new InetSocketAddress("198.18.0.9", 40000),
            asked,
            asked,
            Optional.empty(),
            Optional.empty(),
            Optional.empty(),
            Optional.empty(),
            Optional.empty(),
            Optional.empty());
    return AccessEntry.refused(info, Outcome.failed(ResponseFlag.CONNECT, "no route"));
  }
}
