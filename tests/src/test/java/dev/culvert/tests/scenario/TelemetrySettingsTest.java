// SPDX-License-Identifier: Apache-2.0
package dev.culvert.tests.scenario;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import dev.culvert.tests.app.AppConnection;
import dev.culvert.tests.app.AppServer;
import dev.culvert.tests.app.OtlpCollector;
import dev.culvert.tests.app.OtlpCollector.LogRecord;
import dev.culvert.tests.app.Services;
import dev.culvert.tests.mesh.Await;
import dev.culvert.tests.mesh.Mesh;
import dev.culvert.tests.mesh.MeshPod;
import dev.culvert.tests.mesh.Root;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What a ztunnel, of any transport, tells of connections when it is told to tell it otherwise. */
@Root
@Timeout(value = 5, unit = TimeUnit.MINUTES)
final class TelemetrySettingsTest {
  private static final String CONTROL = "198.18.0.250";
  private static final int PAIRS = 3;
  private static final String SENT = "istio_tcp_sent_bytes_total{";

  private static final Map<String, String> SETTINGS =
      Map.of(
          "log-format",
          "json",
          "otlp-endpoint",
          OtlpCollector.endpoint(CONTROL),
          "metrics-max-pairs",
          Integer.toString(PAIRS),
          "metrics-idle",
          "1s");

  private static Mesh mesh;

  @BeforeAll
  static void start() throws Exception {
    mesh = Mesh.start("auto", SETTINGS);
  }

  @AfterAll
  static void stop() throws Exception {
    if (mesh != null) {
      mesh.close();
      mesh = null;
    }
  }

  @Test
  void lineOfTheAccessLogIsAnObject() throws Exception {
    int port = mesh.nextPort();
    try (AppServer _ = mesh.server().serve(port, Services.echo())) {
      talk(mesh.client(), mesh.server(), port);
    }
    String destination = address(mesh.server(), port);
    Path log = mesh.client().ztunnelLog();
    Await.until("its line", () -> object(log, destination).isPresent());
    JsonObject line = object(log, destination).orElseThrow();
    assertThat(line.get("level").getAsString()).isEqualTo("INFO");
    assertThat(line.get("scope").getAsString()).isEqualTo("access");
    assertThat(line.get("message").getAsString()).isEqualTo("connection complete");
    assertThat(line.get("src.identity").getAsString()).isEqualTo(mesh.client().identity());
    assertThat(line.get("dst.identity").getAsString()).isEqualTo(mesh.server().identity());
    assertThat(line.get("direction").getAsString()).isEqualTo("outbound");
    assertThat(line.get("bytes_sent").getAsLong()).isEqualTo(5);
    assertThat(line.get("bytes_recv").getAsLong()).isEqualTo(5);
    assertThat(line.get("duration").getAsString()).endsWith("ms");
    assertThat(line.get("tls.group").getAsString()).isEqualTo("X25519MLKEM768");
    assertThat(line.has("error")).isFalse();
  }

  /** It comes late and goes early, as collectors do; connections do not wait for it. */
  @Test
  void collectorGetsTheAccessLogOfBothEnds() throws Exception {
    int port = mesh.nextPort();
    String destination = address(mesh.server(), port);
    try (AppServer _ = mesh.server().serve(port, Services.echo())) {
      talk(mesh.client(), mesh.server(), port);
      try (OtlpCollector collector =
          mesh.lab().control().call(() -> OtlpCollector.start(CONTROL))) {
        for (String direction : List.of("outbound", "inbound")) {
          Await.until(
              "the %s end".formatted(direction),
              () -> {
                talk(mesh.client(), mesh.server(), port);
                return record(collector, direction, destination).isPresent();
              });
          LogRecord record = record(collector, direction, destination).orElseThrow();
          assertThat(record.severity()).isEqualTo("INFO");
          assertThat(record.body()).isEqualTo("connection complete");
          assertThat(record.attributes())
              .containsEntry("src.workload", "client")
              .containsEntry("src.identity", mesh.client().identity())
              .containsEntry("dst.identity", mesh.server().identity())
              .containsEntry("bytes_sent", "5")
              .containsEntry("tls.group", "X25519MLKEM768");
          assertThat(record.resource())
              .containsEntry("service.name", "ztunnel")
              .containsEntry("k8s.node.name", direction.equals("outbound") ? "node1" : "node2");
        }
      }
      double before = notTaken();
      talk(mesh.client(), mesh.server(), port);
      Await.until("what nobody took is counted", () -> notTaken() > before);
    }
  }

  private static double notTaken() throws IOException {
    String name = "culvert_otlp_access_logs_dropped_total{reason=\"not_taken\"} ";
    return metrics()
        .lines()
        .filter(line -> line.startsWith(name))
        .mapToDouble(TelemetrySettingsTest::value)
        .sum();
  }

  @Test
  void pairsBeyondTheirNumberAreCountedTogetherAndForgottenWhenUnused() throws Exception {
    int port = mesh.nextPort();
    List<MeshPod> clients = List.of(mesh.client(), mesh.neighbour());
    List<MeshPod> servers = new ArrayList<>(clients);
    servers.addAll(List.of(mesh.server(), mesh.uncapturedServer()));
    List<AutoCloseable> open = new ArrayList<>();
    try {
      for (MeshPod server : servers) {
        open.add(server.serve(port, Services.echo()));
      }
      for (MeshPod client : clients) {
        for (MeshPod server : servers) {
          if (client != server) {
            AppConnection connection = client.connect(server.at(port));
            open.add(connection);
            assertThat(connection.echo("hello")).isEqualTo("hello");
          }
        }
      }
      List<String> series = series();
      // Those beyond are one for each direction and way of securing.
      assertThat(series.stream().filter(line -> !isOverflow(line))).hasSizeLessThanOrEqualTo(PAIRS);
      assertThat(series).anyMatch(TelemetrySettingsTest::isOverflow);
      assertThat(series.stream().mapToDouble(TelemetrySettingsTest::value).sum())
          .isGreaterThanOrEqualTo(6 * 5);
    } finally {
      for (AutoCloseable one : open) {
        one.close();
      }
    }
    Await.until("all are forgotten", () -> series().isEmpty());
    try (AppServer _ = mesh.server().serve(port, Services.echo());
        AppConnection connection = mesh.client().connect(mesh.server().at(port))) {
      assertThat(connection.echo("hello")).isEqualTo("hello");
      assertThat(series()).hasSize(1).noneMatch(TelemetrySettingsTest::isOverflow);
    }
  }

  private static void talk(MeshPod from, MeshPod to, int port) throws IOException {
    try (AppConnection connection = from.connect(to.at(port))) {
      assertThat(connection.echo("hello")).isEqualTo("hello");
    }
  }

  private static Optional<LogRecord> record(
      OtlpCollector collector, String direction, String destination) {
    return collector.records().stream()
        .filter(record -> direction.equals(record.attributes().get("direction")))
        .filter(record -> destination.equals(record.attributes().get("dst.addr")))
        .findFirst();
  }

  private static Optional<JsonObject> object(Path log, String destination) throws IOException {
    return Files.readAllLines(log).stream()
        .filter(line -> line.startsWith("{") && line.contains(destination))
        .map(line -> JsonParser.parseString(line).getAsJsonObject())
        .filter(line -> line.has("dst.addr"))
        .filter(line -> line.get("dst.addr").getAsString().equals(destination))
        .findFirst();
  }

  private static List<String> series() throws IOException {
    return metrics().lines().filter(line -> line.startsWith(SENT)).toList();
  }

  private static boolean isOverflow(String series) {
    return series.contains("source_workload=\"overflow\"");
  }

  private static double value(String series) {
    return Double.parseDouble(series.substring(series.lastIndexOf(' ')));
  }

  private static String metrics() throws IOException {
    return mesh.client().askZtunnel(15020, "/metrics");
  }

  private static String address(MeshPod pod, int port) {
    return pod.hostPort(port);
  }
}
