// SPDX-License-Identifier: Apache-2.0
package dev.culvert.waypoint.gateway;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.net.httpserver.HttpServer;
import dev.culvert.waypoint.peers.Await;
import dev.culvert.waypoint.peers.Backend;
import dev.culvert.waypoint.peers.Wire;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What becomes of a request's trace, and what a collector is told. */
@Timeout(120)
final class TracesTest {
  private static final String TRACE = "4bf92f3577b34da6a3ce929d0e0e4736";
  private static final String SPAN = "00f067aa0ba902b7";

  /** Field 15 of a span, a message whose field 3 is 2. */
  private static final byte[] STATUS_ERROR = {0x7a, 2, 0x18, 2};

  @TempDir private Path folder;

  private final List<String> collected = new CopyOnWriteArrayList<>();
  private HttpServer collector;
  private Backend backend;
  private TestDoor door;

  @BeforeEach
  void start() throws IOException {
    backend = Backend.echo();
    collector = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    collector.createContext(
        "/v1/traces",
        exchange -> {
          byte[] body = exchange.getRequestBody().readAllBytes();
          collected.add(new String(body, StandardCharsets.ISO_8859_1));
          exchange.sendResponseHeaders(200, -1);
          exchange.close();
        });
    collector.start();
    door = new TestDoor(folder);
    door.writeGateway("door", "*.example.com", "a.example.com");
    door.write("web.yaml", TestDoor.service("shop", "web", backend));
  }

  @AfterEach
  void stop() {
    door.close();
    backend.close();
    collector.stop(0);
  }

  private void open(String sampling, String format) throws IOException {
    Map<String, String> settings = new HashMap<>();
    settings.put(
        "trace-endpoint",
        "http://127.0.0.1:%d/v1/traces".formatted(collector.getAddress().getPort()));
    settings.put("trace-sampling", sampling);
    settings.put("trace-format", format);
    door.openWith(settings);
  }

  private Wire.Message asked(String... fields) throws IOException {
    int before = backend.requests().size();
    assertThat(door.ask("GET", "/shoes", fields).status()).isEqualTo(200);
    return backend.requests().get(before);
  }

  private static byte[] bytes(String hex) {
    return java.util.HexFormat.of().parseHex(hex);
  }

  private boolean isCollected(byte[] bytes) {
    String wanted = new String(bytes, StandardCharsets.ISO_8859_1);
    return collected.stream().anyMatch(one -> one.contains(wanted));
  }

  @Test
  void spanOfASampledTraceIsCollected() throws IOException {
    open("0", "w3c");
    Wire.Message request =
        asked("traceparent: 00-" + TRACE + "-" + SPAN + "-01", "tracestate: a=b");
    String parent = request.field("traceparent").orElseThrow();
    assertThat(parent).startsWith("00-" + TRACE + "-").endsWith("-01").doesNotContain(SPAN);
    assertThat(request.field("tracestate")).contains("a=b");
    Await.until("it is collected", () -> isCollected(bytes(TRACE)));
    String own = parent.substring(36, 52);
    assertThat(isCollected(bytes(own))).as("its own id").isTrue();
    assertThat(isCollected(bytes(SPAN))).as("its parent's").isTrue();
    assertThat(collected.getFirst())
        .contains("culvert-gateway", "GET shop/door/0", "route", "shop/door/0", "a.example.com");
  }

  @Test
  void traceThatBeginsHereIsSampledByPercentage() throws IOException {
    open("100", "w3c");
    String parent = asked().field("traceparent").orElseThrow();
    assertThat(parent).matches("00-[0-9a-f]{32}-[0-9a-f]{16}-01");
    Await.until("it is collected", () -> isCollected(bytes(parent.substring(3, 35))));
  }

  @Test
  void decisionOfTheClientIsKept() throws IOException {
    open("100", "w3c");
    String parent =
        asked("traceparent: 00-" + TRACE + "-" + SPAN + "-00").field("traceparent").orElseThrow();
    assertThat(parent).startsWith("00-" + TRACE).endsWith("-00");
    String next = asked().field("traceparent").orElseThrow();
    Await.until("the other is collected", () -> isCollected(bytes(next.substring(3, 35))));
    assertThat(isCollected(bytes(TRACE))).isFalse();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "traceparent: 00-00000000000000000000000000000000-00f067aa0ba902b7-01",
        "traceparent: 00-4bf92f3577b34da6a3ce929d0e0e4736-0000000000000000-01",
        "traceparent: ff-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01",
        "traceparent: 00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01-more",
        "traceparent: 01-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01.more",
        "traceparent: 0x-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01",
        "traceparent: 00-4BF92F3577B34DA6A3CE929D0E0E4736-00f067aa0ba902b7-01",
        "traceparent: 00-4bf92f3577b34da6a3ce929d0e0e4736_00f067aa0ba902b7-01",
        "traceparent: nonsense"
      })
  void whatIsNoTraceIsReplaced(String field) throws IOException {
    open("0", "w3c");
    Wire.Message request = asked(field, "tracestate: a=b");
    assertThat(request.field("traceparent").orElseThrow())
        .matches("00-[0-9a-f]{32}-[0-9a-f]{16}-00")
        .doesNotContain(TRACE);
    assertThat(request.field("tracestate")).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(strings = {"01-%s-%s-01", "cc-%s-%s-01-what-comes-later"})
  void traceOfAVersionToComeIsGoneOnWith(String told) throws IOException {
    open("0", "w3c");
    Wire.Message request = asked("traceparent: " + told.formatted(TRACE, SPAN));
    assertThat(request.field("traceparent").orElseThrow())
        .matches("00-" + TRACE + "-[0-9a-f]{16}-01");
  }

  @Test
  void twoTracesAreNone() throws IOException {
    open("0", "w3c");
    String field = "traceparent: 00-" + TRACE + "-" + SPAN + "-01";
    assertThat(asked(field, field).field("traceparent").orElseThrow()).doesNotContain(TRACE);
  }

  @ParameterizedTest
  @CsvSource({
    "100, b3: 0, -00",
    "100, X-B3-Sampled: 0, -00",
    "0, b3: 1, -01",
    "0, b3: d, -01",
    "0, X-B3-Sampled: 1, -01",
    "0, X-B3-Flags: 1, -01"
  })
  void decisionOfAClientWithoutATraceIsKept(String sampling, String field, String flags)
      throws IOException {
    open(sampling, "w3c");
    Wire.Message request = asked(field);
    assertThat(request.field("traceparent").orElseThrow()).endsWith(flags);
    assertThat(request.field("x-b3-sampled")).contains(flags.substring(2));
  }

  @Test
  void spanOfAFailedCallIsAnError() throws IOException {
    try (Backend calls =
        Backend.of(
            wire -> {
              wire.read();
              wire.send(
                  String.join(
                      "\r\n",
                      "HTTP/1.1 200 OK",
                      "content-type: application/grpc",
                      "grpc-status: 13",
                      "content-length: 0",
                      "",
                      ""));
            })) {
      door.write("web.yaml", TestDoor.service("shop", "web", calls));
      open("100", "w3c");
      door.ask("POST", "/shop.Cart/Add", "content-type: application/grpc", "content-length: 0");
      Await.until("it is collected", () -> isCollected(STATUS_ERROR));
      assertThat(collected.getFirst()).contains("grpc_status");
    }
  }

  @Test
  void b3IsWrittenWhenItIsSet() throws IOException {
    open("100", "b3");
    Wire.Message request = asked();
    assertThat(request.field("x-b3-traceid").orElseThrow()).matches("[0-9a-f]{32}");
    assertThat(request.field("x-b3-spanid").orElseThrow()).matches("[0-9a-f]{16}");
    assertThat(request.field("x-b3-sampled")).contains("1");
    assertThat(request.field("traceparent")).isEmpty();
  }

  @Test
  void b3OfTheClientIsGoneOnWith() throws IOException {
    open("0", "w3c");
    Wire.Message request =
        asked("X-B3-TraceId: " + TRACE, "X-B3-SpanId: " + SPAN, "X-B3-Sampled: 1");
    assertThat(request.field("x-b3-traceid")).contains(TRACE);
    assertThat(request.field("x-b3-parentspanid")).contains(SPAN);
    assertThat(request.field("x-b3-spanid").orElseThrow()).isNotEqualTo(SPAN);
    assertThat(request.field("traceparent").orElseThrow())
        .isEqualTo("00-" + TRACE + "-" + request.field("x-b3-spanid").orElseThrow() + "-01");
    Await.until("it is collected", () -> isCollected(bytes(TRACE)));
  }

  @Test
  void singleB3OfAShortTrace() throws IOException {
    open("0", "b3");
    Wire.Message request = asked("b3: a3ce929d0e0e4736-" + SPAN + "-1");
    assertThat(request.field("b3").orElseThrow())
        .matches("0000000000000000a3ce929d0e0e4736-[0-9a-f]{16}-1-" + SPAN);
    assertThat(request.field("x-b3-traceid")).contains("0000000000000000a3ce929d0e0e4736");
  }

  @Test
  void collectorThatIsGoneHoldsNobodyUp() throws IOException {
    collector.stop(0);
    open("100", "w3c");
    for (int i = 0; i < 20; i++) {
      asked();
    }
    assertThat(door.metrics()).contains("culvert_otlp_spans_dropped_total");
  }
}
