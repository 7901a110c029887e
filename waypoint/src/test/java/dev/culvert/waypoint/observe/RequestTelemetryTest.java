// SPDX-License-Identifier: Apache-2.0
package dev.culvert.waypoint.observe;

import static org.assertj.core.api.Assertions.assertThat;

import dev.culvert.waypoint.exchange.Chain;
import dev.culvert.waypoint.exchange.LocalAnswer;
import dev.culvert.waypoint.exchange.Phase;
import dev.culvert.waypoint.http.ResponseFlag;
import dev.culvert.waypoint.peers.Await;
import dev.culvert.waypoint.peers.TestWaypoint;
import dev.culvert.waypoint.peers.Wire;
import dev.culvert.waypoint.plan.Destination;
import dev.culvert.waypoint.plan.Pick;
import dev.culvert.ztunnel.telemetry.AccessLog;
import dev.culvert.ztunnel.telemetry.LogFormat;
import dev.culvert.ztunnel.transport.Transport;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.io.IOException;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What is counted of requests to a listener. */
@Timeout(120)
final class RequestTelemetryTest {
  private final SimpleMeterRegistry registry = new SimpleMeterRegistry();
  private final AccessLog log = new AccessLog(LogFormat.TEXT, registry);
  private final RequestTelemetry telemetry =
      new RequestTelemetry(log, registry, Optional.empty(), Optional.empty());
  private TestWaypoint waypoint;

  @BeforeEach
  void open() throws IOException {
    waypoint = TestWaypoint.of(Transport.available().getFirst(), TestWaypoint.plan());
  }

  @AfterEach
  void close() {
    waypoint.close();
    log.close();
  }

  private static Destination service(String name) {
    return new Destination("shop", name, 80, asking -> new Pick.None(false, "none here"));
  }

  /** Answers with the status that the path names. */
  private void serve(RequestTelemetry told) {
    Phase answering =
        exchange -> {
          int status = Integer.parseInt(exchange.head().uri().substring(1));
          exchange.answer(LocalAnswer.of(status, ResponseFlag.NONE, ""));
          return Phase.Step.ANSWERED;
        };
    waypoint.exchanges().replace(new Chain(List.of(answering), told));
  }

  private void ask(int status, String... fields) throws IOException {
    try (Wire wire = waypoint.connect()) {
      wire.send(
          "GET /%d HTTP/1.1\r\nHost: shop\r\n%sConnection: close\r\n\r\n"
              .formatted(status, String.join("", fields)));
      assertThat(wire.read().line()).isNotEmpty();
    }
  }

  private long counted(String label, String value) {
    return (long)
        registry.find("istio_requests").tag(label, value).counters().stream()
            .mapToDouble(Counter::count)
            .sum();
  }

  @Test
  void refusedRequestCountsAsOneToTheServiceThatWasAskedFor() throws IOException {
    serve(telemetry.of(service("web")));
    ask(403);
    Await.until("it is counted", () -> counted("response_code", "403") == 1);
    assertThat(counted("destination_service", "web.shop.svc.cluster.local")).isEqualTo(1);
    assertThat(counted("destination_service_name", "web")).isEqualTo(1);
    assertThat(counted("destination_service_namespace", "shop")).isEqualTo(1);
    assertThat(counted("reporter", "waypoint")).isEqualTo(1);
  }

  @Test
  void backendThatAnswersAnythingTakesNobodysRoom() throws IOException {
    serve(telemetry.of(service("odd")));
    for (int status = 400; status < 550; status++) {
      ask(status);
    }
    Await.until("all are counted", () -> counted("destination_service_name", "odd") == 150);
    assertThat(registry.find("istio_requests").counters()).hasSize(101);
    assertThat(counted("response_code", "overflow")).isEqualTo(50);
    serve(telemetry.of(service("web")));
    ask(503);
    Await.until("another's is told", () -> counted("destination_service_name", "web") == 1);
    assertThat(counted("response_code", "503")).isEqualTo(1);
  }

  @Test
  void callIsWhatSaysSoInFull() throws IOException {
    serve(telemetry);
    ask(404, "content-type: application/grpc-web\r\n");
    Await.until("it is counted", () -> counted("request_protocol", "http") == 1);
    ask(404, "content-type: application/grpc+proto\r\n");
    Await.until("it is counted", () -> counted("request_protocol", "grpc") == 1);
    assertThat(counted("grpc_response_status", "12")).isEqualTo(1);
  }
}
