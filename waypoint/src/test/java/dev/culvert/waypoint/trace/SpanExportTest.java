// SPDX-License-Identifier: Apache-2.0
package dev.culvert.waypoint.trace;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.UnknownFieldSet;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import dev.culvert.waypoint.exchange.Hop;
import dev.culvert.waypoint.peers.Await;
import dev.culvert.ztunnel.telemetry.KnownFields;
import dev.culvert.ztunnel.telemetry.LogEntry;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What a collector gets of spans, read by any reader of protobuf. */
@Timeout(60)
final class SpanExportTest {
  private static final String TRACE = "4bf92f3577b34da6a3ce929d0e0e4736";
  private static final String SPAN = "00f067aa0ba902b7";
  private static final String PARENT = "ffeeddccbbaa9988";

  private final List<List<UnknownFieldSet>> batches = new CopyOnWriteArrayList<>();
  private final List<UnknownFieldSet> resources = new CopyOnWriteArrayList<>();
  private final ConcurrentLinkedQueue<Integer> statuses = new ConcurrentLinkedQueue<>();
  private final AtomicInteger posts = new AtomicInteger();
  private final CountDownLatch answers = new CountDownLatch(1);
  private final SimpleMeterRegistry registry = new SimpleMeterRegistry();
  private HttpServer collector;

  @BeforeEach
  void start() throws IOException {
    collector = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    collector.createContext("/v1/traces", this::take);
    collector.start();
  }

  @AfterEach
  void stop() {
    answers.countDown();
    collector.stop(0);
  }

  private void take(HttpExchange exchange) throws IOException {
    UnknownFieldSet request = UnknownFieldSet.parseFrom(exchange.getRequestBody().readAllBytes());
    posts.incrementAndGet();
    try {
      answers.await();
    } catch (InterruptedException e) {
      throw new IOException(e);
    }
    Integer status = statuses.poll();
    if (status == null) {
      UnknownFieldSet resource = messages(request, 1).getFirst();
      resources.add(messages(resource, 1).getFirst());
      batches.add(messages(messages(resource, 2).getFirst(), 2));
    }
    exchange.sendResponseHeaders(status == null ? 200 : status, -1);
    exchange.close();
  }

  private SpanExport export(int queue) {
    URI endpoint =
        URI.create("http://127.0.0.1:%d/v1/traces".formatted(collector.getAddress().getPort()));
    TraceSettings settings =
        new TraceSettings(Optional.of(endpoint), 100, TraceSettings.Format.W3C, queue);
    return SpanExport.of(settings, Map.of("service.name", "door"), registry).orElseThrow();
  }

  private static EndedHop ended(String name, String parent, boolean failed, String path) {
    return new EndedHop(
        new Hop(
            Ids.read(TRACE, 0),
            Ids.read(TRACE, Ids.DIGITS),
            Ids.read(SPAN, 0),
            parent.isEmpty() ? 0 : Ids.read(parent, 0),
            true),
        name,
        new Entry(path),
        503,
        failed,
        1_000L,
        234L);
  }

  @Test
  void spanHasWhatOtlpSays() throws IOException {
    answers.countDown();
    try (SpanExport export = export(100)) {
      export.offer(ended("GET shop", PARENT, true, "/schön/\u20ac/" + "x".repeat(300)));
      Await.until("it is taken", () -> count("sent") == 1);
    }
    UnknownFieldSet span = batches.getFirst().getFirst();
    assertThat(hex(span, 1)).isEqualTo(TRACE);
    assertThat(hex(span, 2)).isEqualTo(SPAN);
    assertThat(hex(span, 4)).isEqualTo(PARENT);
    assertThat(bytes(span, 5).toStringUtf8()).isEqualTo("GET shop");
    assertThat(span.getField(6).getVarintList()).as("a server's").containsExactly(2L);
    assertThat(span.getField(7).getFixed64List()).containsExactly(1_000L);
    assertThat(span.getField(8).getFixed64List()).containsExactly(1_234L);
    assertThat(attributes(span))
        .containsExactly(
            Map.entry("path", "/schön/\u20ac/" + "x".repeat(300)),
            Map.entry("src.addr", "198.18.0.1:80"),
            Map.entry("bytes", "9223372036854775807"),
            Map.entry("less", "-1"),
            Map.entry("backend", "shop/web:80"),
            Map.entry("n", "7"),
            Map.entry("http.response.status_code", "503"));
    assertThat(messages(span, 15).getFirst().getField(3).getVarintList()).containsExactly(2L);
    assertThat(span.getField(16).getFixed32List()).containsExactly(0x301);
    assertThat(resources.getFirst().getField(1).getLengthDelimitedList().getFirst().toStringUtf8())
        .contains("service.name", "door");
  }

  @Test
  void firstSpanOfATraceHasNoParent() throws IOException {
    answers.countDown();
    try (SpanExport export = export(100)) {
      export.offer(ended("GET shop", "", false, "/"));
      Await.until("it is taken", () -> count("sent") == 1);
    }
    UnknownFieldSet span = batches.getFirst().getFirst();
    assertThat(span.hasField(4)).isFalse();
    assertThat(span.hasField(15)).isFalse();
    assertThat(span.getField(16).getFixed32List()).containsExactly(0x101);
  }

  @Test
  void spansOfManyThreadsAreAllTakenInBatchesThatAreBounded() throws Exception {
    try (SpanExport export = export(10_000)) {
      export.offer(ended("first", "", false, "/"));
      Await.until("the collector is asked", () -> posts.get() == 1);
      List<Thread> threads = new ArrayList<>();
      for (int i = 0; i < 4; i++) {
        threads.add(Thread.ofPlatform().start(() -> offer(export, 500, "/")));
      }
      for (Thread thread : threads) {
        thread.join();
      }
      answers.countDown();
      Await.until("all are taken", () -> count("sent") == 2_001);
    }
    assertThat(batches).hasSizeBetween(5, 9).allMatch(batch -> batch.size() <= 512);
    assertThat(batches.stream().mapToInt(List::size).sum()).isEqualTo(2_001);
  }

  @Test
  void longSpansGoInSmallerBatches() throws IOException {
    try (SpanExport export = export(10_000)) {
      offer(export, 100, "/" + "x".repeat(50_000));
      answers.countDown();
      Await.until("all are taken", () -> count("sent") == 100);
    }
    assertThat(batches).allMatch(batch -> batch.size() <= 21);
  }

  @Test
  void spansBeyondThoseThatMayWaitAreDroppedAndCounted() {
    try (SpanExport export = export(10)) {
      export.offer(ended("first", "", false, "/"));
      Await.until("the collector is asked", () -> posts.get() == 1);
      offer(export, 15, "/");
      assertThat(count("dropped", "reason", "queue_full")).isEqualTo(5);
      answers.countDown();
      Await.until("the others are taken", () -> count("sent") == 11);
    }
  }

  @Test
  void collectorThatIsBusyIsAskedAgain() {
    statuses.add(503);
    answers.countDown();
    try (SpanExport export = export(10)) {
      offer(export, 1, "/");
      Await.until("it is taken", () -> count("sent") == 1);
    }
    assertThat(posts).hasValue(2);
  }

  @Test
  void whatTheCollectorRefusesIsCountedAndNotTheLast() {
    statuses.add(400);
    answers.countDown();
    try (SpanExport export = export(10)) {
      offer(export, 1, "/");
      Await.until("it is counted", () -> count("dropped", "reason", "not_taken") == 1);
      offer(export, 1, "/");
      Await.until("the next is taken", () -> count("sent") == 1);
    }
  }

  @Test
  void whatWaitsAtTheEndIsSent() {
    answers.countDown();
    try (SpanExport export = export(10_000)) {
      offer(export, 700, "/");
    }
    assertThat(count("sent")).isEqualTo(700);
  }

  private static void offer(SpanExport export, int count, String path) {
    for (int i = 0; i < count; i++) {
      export.offer(ended("GET shop", PARENT, false, path));
    }
  }

  private double count(String what, String... tags) {
    return registry.counter("culvert_otlp_spans_" + what, tags).count();
  }

  private static Map<String, String> attributes(UnknownFieldSet span)
      throws InvalidProtocolBufferException {
    Map<String, String> attributes = new java.util.LinkedHashMap<>();
    for (UnknownFieldSet pair : messages(span, 9)) {
      UnknownFieldSet value = messages(pair, 2).getFirst();
      attributes.put(
          bytes(pair, 1).toStringUtf8(),
          value.hasField(1)
              ? bytes(value, 1).toStringUtf8()
              : value.getField(3).getVarintList().getFirst().toString());
    }
    return attributes;
  }

  private static String hex(UnknownFieldSet of, int field) {
    return HexFormat.of().formatHex(bytes(of, field).toByteArray());
  }

  private static ByteString bytes(UnknownFieldSet of, int field) {
    return of.getField(field).getLengthDelimitedList().getFirst();
  }

  private static List<UnknownFieldSet> messages(UnknownFieldSet of, int field)
      throws InvalidProtocolBufferException {
    List<UnknownFieldSet> messages = new ArrayList<>();
    for (ByteString bytes : of.getField(field).getLengthDelimitedList()) {
      messages.add(UnknownFieldSet.parseFrom(bytes));
    }
    return messages;
  }

  @Test
  void fieldsThatManySpansHaveAreInEach() throws IOException {
    answers.countDown();
    try (SpanExport export = export(100)) {
      offer(export, 3, "/");
      Await.until("they are taken", () -> count("sent") == 3);
    }
    List<UnknownFieldSet> spans = batches.stream().flatMap(List::stream).toList();
    assertThat(spans).hasSize(3);
    for (UnknownFieldSet span : spans) {
      assertThat(attributes(span)).containsEntry("backend", "shop/web:80").containsEntry("n", "7");
    }
  }

  @Test
  void collectorThatEndsItsConnectionIsAskedOnAnother() throws IOException {
    int port = collector.getAddress().getPort();
    answers.countDown();
    try (SpanExport export = export(100)) {
      offer(export, 1, "/");
      Await.until("it is taken", () -> count("sent") == 1);
      collector.stop(0);
      collector =
          HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), port), 0);
      collector.createContext("/v1/traces", this::take);
      collector.start();
      offer(export, 1, "/");
      Await.until("the next is taken", () -> count("sent") == 2);
    }
    assertThat(batches).hasSize(2);
  }

  private record Entry(String path) implements LogEntry {
    private static final KnownFields KNOWN =
        new KnownFields(
            fields -> {
              fields.text("backend", "shop/web:80");
              fields.number("n", 7);
            });

    @Override
    public String message() {
      return "request complete";
    }

    @Override
    public void writeTo(Fields fields) {
      fields.text("path", path);
      fields.plain("src.addr", "198.18.0.1:80");
      fields.number("bytes", Long.MAX_VALUE);
      fields.number("less", -1);
      fields.known(KNOWN);
    }
  }
}
