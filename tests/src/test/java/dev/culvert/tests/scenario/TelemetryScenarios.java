// SPDX-License-Identifier: Apache-2.0
package dev.culvert.tests.scenario;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import dev.culvert.tests.app.AppConnection;
import dev.culvert.tests.app.AppServer;
import dev.culvert.tests.app.Services;
import dev.culvert.tests.mesh.Await;
import dev.culvert.tests.mesh.Mesh;
import dev.culvert.tests.mesh.MeshPod;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;
import java.util.stream.StreamSupport;
import org.junit.jupiter.api.Test;

/** What a ztunnel tells of the connections it carries. */
abstract class TelemetryScenarios {
  private static final Pattern FIELD = Pattern.compile(" ([a-z_.]+)=");

  /** Istio's fields in Istio's order, then ours. */
  private static final List<String> FIELDS =
      List.of(
          "src.addr",
          "src.workload",
          "src.namespace",
          "src.identity",
          "src.cluster",
          "dst.addr",
          "dst.hbone_addr",
          "dst.workload",
          "dst.namespace",
          "dst.identity",
          "dst.cluster",
          "direction",
          "bytes_sent",
          "bytes_recv",
          "duration",
          "tls.cipher",
          "tls.group");

  private final Mesh mesh;

  TelemetryScenarios(Mesh mesh) {
    this.mesh = mesh;
  }

  @Test
  void openConnectionInTheDumpOfBothNodes() throws Exception {
    int port = mesh.nextPort();
    try (AppServer _ = mesh.server().serve(port, Services.echo());
        AppConnection app = mesh.client().connect(mesh.server().at(port))) {
      assertThat(app.echo("held open")).isEqualTo("held open");

      JsonObject out =
          connection(mesh.client(), "outbound", "originalDst", address(mesh.server(), port));
      assertThat(text(out, "actualDst")).isEqualTo(address(mesh.server(), 15008));
      assertThat(text(out, "src")).startsWith(mesh.client().v4().getHostAddress() + ":");
      assertThat(text(out, "protocol")).isEqualTo("HBONE");
      assertThat(text(out, "tlsGroup")).isEqualTo("X25519MLKEM768");
      assertThat(out.get("bytesSent").getAsLong()).isEqualTo(9);

      JsonObject in =
          connection(mesh.server(), "inbound", "actualDst", address(mesh.server(), port));
      assertThat(text(in, "src")).isEqualTo(text(out, "src"));
      assertThat(in.get("originalDst").isJsonNull()).isTrue();
    }
  }

  @Test
  void accessLogHasIstiosFieldsInOrder() throws Exception {
    int port = mesh.nextPort();
    try (AppServer _ = mesh.server().serve(port, Services.echo());
        AppConnection app = mesh.client().connect(mesh.server().at(port))) {
      assertThat(app.echo("logged")).isEqualTo("logged");
    }
    String destination = " dst.addr=" + address(mesh.server(), port) + " ";
    Path log = mesh.client().ztunnelLog();
    Await.until("the line of the connection", () -> line(log, destination).isPresent());

    String line = line(log, destination).orElseThrow();
    assertThat(FIELD.matcher(line).results().map(found -> found.group(1)))
        .containsExactlyElementsOf(FIELDS);
    assertThat(line)
        .contains("connection complete src.addr=" + mesh.client().v4().getHostAddress() + ":")
        .contains(" src.identity=\"" + mesh.client().identity() + "\"")
        .contains(" dst.identity=\"" + mesh.server().identity() + "\"")
        .contains(" direction=\"outbound\" bytes_sent=6 bytes_recv=6 duration=\"")
        .endsWith(" tls.group=\"X25519MLKEM768\"");
  }

  @Test
  void bytesOfAnOpenConnectionAreCountedLive() throws Exception {
    int port = mesh.nextPort();
    try (AppServer _ = mesh.server().serve(port, Services.echo());
        AppConnection app = mesh.client().connect(mesh.server().at(port))) {
      double before = sentBytes();
      assertThat(app.echo("counted while it is open")).isEqualTo("counted while it is open");

      assertThat(sentBytes() - before).isGreaterThanOrEqualTo(24);
    }
  }

  private double sentBytes() throws IOException {
    String metrics = mesh.client().askZtunnel(15020, "/metrics");
    return metrics
        .lines()
        .filter(line -> line.startsWith("istio_tcp_sent_bytes_total{"))
        .filter(line -> line.contains("source_workload=\"client\""))
        .mapToDouble(line -> Double.parseDouble(line.substring(line.lastIndexOf(' '))))
        .sum();
  }

  private static JsonObject connection(MeshPod pod, String side, String key, String value)
      throws IOException {
    JsonObject states = dump(pod).getAsJsonObject("workloadState");
    for (String uid : states.keySet()) {
      JsonObject state = states.getAsJsonObject(uid);
      if (text(state.getAsJsonObject("info"), "name").equals(pod.name())) {
        JsonArray all = state.getAsJsonObject("connections").getAsJsonArray(side);
        return StreamSupport.stream(all.spliterator(), false)
            .map(JsonElement::getAsJsonObject)
            .filter(one -> one.has(key) && !one.get(key).isJsonNull())
            .filter(one -> text(one, key).equals(value))
            .findFirst()
            .orElseThrow(() -> new AssertionError("no %s %s in %s".formatted(key, value, all)));
      }
    }
    throw new AssertionError("no pod " + pod.name() + " in " + states.keySet());
  }

  static JsonObject dump(MeshPod pod) throws IOException {
    String json = pod.askZtunnel(15000, "/config_dump");
    return JsonParser.parseString(json).getAsJsonObject();
  }

  private static Optional<String> line(Path log, String destination) {
    try {
      return Files.readAllLines(log).stream()
          .filter(line -> line.contains("connection complete") && line.contains(destination))
          .findFirst();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static String address(MeshPod pod, int port) {
    return pod.v4().getHostAddress() + ":" + port;
  }

  static String text(JsonObject json, String name) {
    return json.get(name).getAsString();
  }
}
