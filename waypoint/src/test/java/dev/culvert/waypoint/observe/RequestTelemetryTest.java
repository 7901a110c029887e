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
import dev.culvert.ztunnel.telemetry.SeriesLimits;
import dev.culvert.ztunnel.transport.Transport;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.Meter;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.LongAdder;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What is counted of requests to a listener. */
@Timeout(120)
final class RequestTelemetryTest {
  private static final SeriesLimits LIMITS = new SeriesLimits(10_000, Duration.ofMinutes(15));

  private final SimpleMeterRegistry registry = new SimpleMeterRegistry();
  private final AccessLog log = new AccessLog(LogFormat.TEXT, registry);
  private final RequestTelemetry telemetry =
      new RequestTelemetry(log, registry, LIMITS, Optional.empty(), Optional.empty());
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

  private RequestTelemetry within(SeriesLimits limits) {
    return new RequestTelemetry(log, registry, limits, Optional.empty(), Optional.empty());
  }

  @Test
  void beyondTheLimitAllThatIsNewCountsAsOne() throws IOException {
    RequestTelemetry few = within(new SeriesLimits(2, Duration.ofMinutes(15)));
    for (int i = 0; i < 5; i++) {
      serve(few.of(service("s" + i)));
      ask(200);
    }
    Await.until("all are counted", () -> counted("reporter", "waypoint") == 5);
    assertThat(counted("destination_service_name", "overflow")).isEqualTo(3);
    assertThat(registry.find("istio_requests").counters()).hasSize(3);
  }

  @Test
  void whatIsIdleIsDroppedAndMakesRoom() throws IOException {
    RequestTelemetry brief = within(new SeriesLimits(1, Duration.ZERO));
    serve(brief.of(service("web")));
    ask(200);
    Await.until("it is counted", () -> counted("destination_service_name", "web") == 1);
    brief.forgetIdle();
    assertThat(registry.getMeters()).noneMatch(one -> one.getId().getName().startsWith("istio"));
    serve(brief.of(service("next")));
    ask(200);
    Await.until("the next is told", () -> counted("destination_service_name", "next") == 1);
  }

  @Test
  void whatIsInUseStays() throws IOException {
    serve(telemetry.of(service("web")));
    ask(200);
    Await.until("it is counted", () -> counted("destination_service_name", "web") == 1);
    telemetry.forgetIdle();
    ask(200);
    Await.until("both are", () -> counted("destination_service_name", "web") == 2);
  }

  @Test
  void endsThatAreIdleMakeRoomForOthers() throws IOException {
    RequestTelemetry brief = within(new SeriesLimits(10_000, Duration.ZERO));
    serve(brief.of(service("odd")));
    for (int status = 400; status < 500; status++) {
      ask(status);
    }
    Await.until("all are counted", () -> counted("destination_service_name", "odd") == 100);
    brief.forgetIdle();
    ask(503);
    Await.until("it is told", () -> counted("response_code", "503") == 1);
  }

  @Test
  void requestsThatAreCountedWhileOthersAreForgottenAreLostNowhere() throws Exception {
    RequestTelemetry brief = within(new SeriesLimits(10_000, Duration.ZERO));
    LongAdder dropped = new LongAdder();
    registry.config().onMeterRemoved(meter -> dropped.add(requests(meter)));
    serve(brief.of(service("web")));
    AtomicBoolean done = new AtomicBoolean();
    Thread forgetting =
        Thread.ofPlatform()
            .start(
                () -> {
                  while (!done.get()) {
                    brief.forgetIdle();
                  }
                });
    try (Wire wire = waypoint.connect()) {
      for (int i = 0; i < 500; i++) {
        wire.send("GET /200 HTTP/1.1\r\nHost: shop\r\n\r\n");
        assertThat(wire.read().status()).isEqualTo(200);
      }
    }
    done.set(true);
    forgetting.join();
    Await.until("each is", () -> dropped.sum() + counted("reporter", "waypoint") == 500);
  }

  private static long requests(Meter meter) {
    return meter instanceof Counter counter && meter.getId().getName().equals("istio_requests")
        ? (long) counter.count()
        : 0;
  }

  @Test
  void messagesOfCallsAreCountedAndOfNothingElse() throws IOException {
    serve(telemetry.of(service("web")));
    ask(404);
    Await.until("it is counted", () -> counted("request_protocol", "http") == 1);
    assertThat(registry.find("istio_request_messages").counters()).isEmpty();
    ask(404, "content-type: application/grpc\r\n");
    Await.until("it is counted", () -> counted("request_protocol", "grpc") == 1);
    assertThat(registry.find("istio_request_messages").counters()).hasSize(1);
    assertThat(registry.find("istio_response_messages").counters()).hasSize(1);
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
