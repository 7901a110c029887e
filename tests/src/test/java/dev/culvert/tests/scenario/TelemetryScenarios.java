// SPDX-License-Identifier: Apache-2.0
package dev.culvert.tests.scenario;

import static java.nio.charset.StandardCharsets.UTF_8;
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
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;
import java.util.zip.GZIPInputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

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

  private static final String POLICY = "told.yaml";
  private static final String DENIED = " response_flags=\"DENY\"";
  private static final String CLOSED = "istio_tcp_connections_closed_total";
  private static final String FAILED = "istio_tcp_connections_failed_total";

  private static final List<String> OF_CONNECTIONS =
      List.of(
          "istio_tcp_connections_opened_total",
          CLOSED,
          FAILED,
          "istio_tcp_sent_bytes_total",
          "istio_tcp_received_bytes_total",
          "istio_tcp_sockets_open");

  /** The one more, of endpoints known by name, is there once one was looked up. */
  private static final List<String> OF_THE_PROXY =
      List.of(
          "istio_build",
          "istio_crl_policy_rejections_total",
          "istio_crl_untracked_connections_total",
          "istio_dns_requests_total",
          "istio_dns_upstream_requests_total",
          "istio_dns_upstream_failures_total",
          "istio_dns_upstream_request_duration_seconds_count",
          "istio_active_proxy_count_total",
          "istio_pending_proxy_count_total",
          "istio_proxies_started_total",
          "istio_proxies_stopped_total",
          "istio_xds_connection_terminations_total",
          "istio_xds_message_total",
          "istio_xds_message_bytes_total",
          "process_cpu_usage",
          "process_files_open_files");

  private static final List<String> LABELS =
      Stream.concat(
              Stream.of("source", "destination")
                  .flatMap(
                      end ->
                          Stream.of(
                                  "workload",
                                  "canonical_service",
                                  "canonical_revision",
                                  "workload_namespace",
                                  "principal",
                                  "app",
                                  "version",
                                  "cluster",
                                  "region",
                                  "zone")
                              .map(name -> end + "_" + name)),
              Stream.of(
                  "reporter",
                  "destination_service",
                  "destination_service_namespace",
                  "destination_service_name",
                  "request_protocol",
                  "response_flags",
                  "connection_security_policy"))
          .sorted()
          .toList();

  /**
   * The members that its structs name (istioctl/pkg/writer/ztunnel/configdump/api.go) and that
   * every object of a mesh without waypoints and policies has.
   */
  private static final Map<String, List<String>> READ_BY_ISTIOCTL =
      Map.of(
          "workloads",
          List.of(
              "uid",
              "workloadIps",
              "protocol",
              "name",
              "namespace",
              "serviceAccount",
              "workloadName",
              "workloadType",
              "canonicalName",
              "canonicalRevision",
              "clusterId",
              "trustDomain",
              "locality",
              "node",
              "network",
              "status",
              "hostname",
              "authorizationPolicies"),
          "services",
          List.of(
              "name",
              "namespace",
              "hostname",
              "vips",
              "ports",
              "loadBalancer",
              "endpoints",
              "subjectAltNames"),
          "certificates",
          List.of("identity", "state", "certChain", "rootCerts"));

  private static final Pattern LABEL = Pattern.compile("[{,]([a-z_]+)=\"");

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
    Await.until("its line", () -> line(log, "connection complete", destination).isPresent());

    String line = line(log, "connection complete", destination).orElseThrow();
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
  void policyThatDecidesIsToldAtBothEnds() throws Exception {
    int port = mesh.nextPort();
    String destination = " dst.addr=" + address(mesh.server(), port) + " ";
    Path there = mesh.server().ztunnelLog();
    try (AppServer _ = mesh.server().serve(port, Services.echo())) {
      mesh.apply(POLICY, policy("ALLOW", port, ""));
      Await.until(
          "the policy that allows it",
          () -> echoes(port) && line(there, " policy=\"mesh/told\"", destination).isPresent());
      assertThat(line(there, " policy=\"mesh/told\"", destination).orElseThrow())
          .contains("INFO")
          .doesNotContain(" error=");

      mesh.apply(POLICY, policy("DENY", port, ""));
      Path here = mesh.client().ztunnelLog();
      // The first may have been let in and then closed, of which this end sees a reset.
      Await.until(
          "it is refused, and both ends tell",
          () ->
              !echoes(port)
                  && line(there, DENIED, destination).isPresent()
                  && line(here, DENIED, destination).isPresent());
      assertThat(line(there, DENIED, destination).orElseThrow())
          .contains("ERROR", " direction=\"inbound\"", " policy=\"mesh/told\"")
          .contains(" src.identity=\"" + mesh.client().identity() + "\"")
          .contains(" error=\"denied: ");
      assertThat(line(here, DENIED, destination).orElseThrow())
          .contains("ERROR", " direction=\"outbound\"")
          .endsWith("the destination's policy denies it (401)\"");
      for (MeshPod pod : List.of(mesh.client(), mesh.server())) {
        assertThat(pod.askZtunnel(15020, "/metrics").lines())
            .anyMatch(line -> line.startsWith(FAILED) && line.contains("response_flags=\"DENY\""));
      }
    } finally {
      mesh.withdraw(POLICY);
    }
  }

  @Test
  void policyInDryRunIsToldAndChangesNothing() throws Exception {
    int port = mesh.nextPort();
    String destination = " dst.addr=" + address(mesh.server(), port) + " ";
    String would = " dry_run=\"denied by mesh/told\"";
    Path log = mesh.server().ztunnelLog();
    try (AppServer _ = mesh.server().serve(port, Services.echo())) {
      mesh.apply(POLICY, policy("DENY", port, ", annotations: {istio.io/dry-run: \"true\"}"));
      Await.until(
          "what it would do",
          () -> {
            assertThat(echoes(port)).isTrue();
            return line(log, would, destination).isPresent();
          });
      assertThat(line(log, would, destination).orElseThrow())
          .contains("INFO", "connection complete")
          .doesNotContain(" policy=");
    } finally {
      mesh.withdraw(POLICY);
    }
  }

  @Test
  void refusalBeforeAConnectionBeginsIsAWarning() throws Exception {
    InetSocketAddress asked = new InetSocketAddress(mesh.serviceAddress(), 81);
    String destination = " dst.addr=" + Mesh.SERVICE_ADDRESS + ":81 ";
    try (AppConnection app = mesh.client().connect(asked)) {
      assertThat(Endings.of(app)).isEqualTo(Endings.RESET);
    }
    Path log = mesh.client().ztunnelLog();
    Await.until("its line", () -> line(log, "connection failed", destination).isPresent());
    assertThat(line(log, "connection failed", destination).orElseThrow())
        .contains("WARN", " dst.service=\"" + Mesh.SERVICE_HOST + "\"")
        .contains(" response_flags=\"CONNECT\" error=\"", " has no port 81");
  }

  @Test
  void reasonOfAFailureIsToldAtBothEnds() throws Exception {
    int port = mesh.nextPort();
    String destination = " dst.addr=" + address(mesh.server(), port) + " ";
    try (AppConnection app = mesh.client().connect(mesh.server().at(port))) {
      assertThat(Endings.of(app)).isEqualTo(Endings.RESET);
    }
    for (MeshPod pod : List.of(mesh.client(), mesh.server())) {
      Path log = pod.ztunnelLog();
      Await.until("its line", () -> line(log, "connection complete", destination).isPresent());
      assertThat(line(log, "connection complete", destination).orElseThrow())
          .contains("ERROR", " response_flags=\"CONNECT\" error=\"");
    }
    assertThat(line(mesh.server().ztunnelLog(), "connection complete", destination).orElseThrow())
        .contains("the app: ");
  }

  @Test
  void dumpHasWhatIstioctlReads() throws Exception {
    JsonObject dump = dump(mesh.client());
    READ_BY_ISTIOCTL.forEach(
        (array, fields) -> {
          assertThat(dump.getAsJsonArray(array)).as(array).isNotEmpty();
          for (JsonElement one : dump.getAsJsonArray(array)) {
            assertThat(one.getAsJsonObject().keySet()).as(array).containsAll(fields);
          }
        });
    for (JsonElement certificate : dump.getAsJsonArray("certificates")) {
      for (JsonElement one : certificate.getAsJsonObject().getAsJsonArray("certChain")) {
        assertThat(one.getAsJsonObject().keySet())
            .containsExactlyInAnyOrder("pem", "serialNumber", "validFrom", "expirationTime");
      }
    }
    JsonObject states = dump.getAsJsonObject("workloadState");
    for (String uid : states.keySet()) {
      JsonObject state = states.getAsJsonObject(uid);
      assertThat(text(state, "state")).isEqualTo("Up");
      assertThat(state.getAsJsonObject("info").keySet())
          .containsExactlyInAnyOrder("name", "namespace", "trustDomain", "serviceAccount");
      assertThat(state.getAsJsonObject("connections").keySet()).contains("inbound", "outbound");
    }
  }

  @Test
  void metricsHaveIstiosNames() throws Exception {
    int port = mesh.nextPort();
    try (AppServer _ = mesh.server().serve(port, Services.echo());
        AppConnection app = mesh.client().connect(mesh.server().at(port))) {
      assertThat(app.echo("counted")).isEqualTo("counted");
    }
    failOnce();
    Await.until("the end is counted", () -> metrics().containsKey(CLOSED));
    assertThat(metrics())
        .containsKeys(OF_CONNECTIONS.toArray(String[]::new))
        .containsKeys(OF_THE_PROXY.toArray(String[]::new));
  }

  /** Nobody listens there. */
  private void failOnce() throws Exception {
    try (AppConnection app = mesh.client().connect(mesh.server().at(mesh.nextPort()))) {
      assertThat(Endings.of(app)).isEqualTo(Endings.RESET);
    }
    Await.until("the failure is counted", () -> metrics().containsKey(FAILED));
  }

  /** Sorted, as the client library writes them; in the format no order means anything. */
  @Test
  void connectionsHaveIstiosLabels() throws Exception {
    int port = mesh.nextPort();
    try (AppServer _ = mesh.server().serve(port, Services.echo());
        AppConnection app = mesh.client().connect(mesh.server().at(port))) {
      assertThat(app.echo("labelled")).isEqualTo("labelled");
    }
    failOnce();
    Await.until("the end is counted", () -> metrics().containsKey(CLOSED));
    for (String metric : OF_CONNECTIONS) {
      assertThat(metrics().get(metric)).as(metric).containsExactlyElementsOf(LABELS);
    }
  }

  @Test
  void levelOfTheLogIsSetWhileItRuns() throws Exception {
    int port = mesh.nextPort();
    String destination = " dst.addr=" + address(mesh.server(), port) + " ";
    assertThat(mesh.client().postZtunnel(15000, "/logging?level=access:debug")).contains("debug");
    try (AppServer _ = mesh.server().serve(port, Services.echo());
        AppConnection app = mesh.client().connect(mesh.server().at(port))) {
      assertThat(app.echo("loud")).isEqualTo("loud");
      Path log = mesh.client().ztunnelLog();
      Await.until("its begin", () -> line(log, "connection opened", destination).isPresent());
    } finally {
      assertThat(mesh.client().postZtunnel(15000, "/logging?reset")).contains("info");
    }
  }

  @Test
  void recordingIsMadeWhileItRuns() throws Exception {
    assertThat(mesh.client().askZtunnel(15000, "/debug/jfr?seconds=1")).startsWith("FLR\0");
    assertThat(mesh.client().askZtunnel(15000, "/debug/pprof/heap")).contains("java.lang.String");
  }

  @ParameterizedTest
  @CsvSource({
    "15020, /metrics, istio_build",
    "15020, /stats/prometheus, istio_build",
    "15000, /config_dump, workloads"
  })
  void whoTakesGzipGetsGzip(int port, String path, String part) throws Exception {
    try (var answer = new GZIPInputStream(mesh.client().askZtunnelFor("gzip", port, path))) {
      assertThat(new String(answer.readAllBytes(), UTF_8)).contains(part);
    }
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

  private boolean echoes(int port) {
    try (AppConnection app = mesh.client().connect(mesh.server().at(port))) {
      return app.echo("hello").equals("hello");
    } catch (IOException e) {
      return false;
    }
  }

  private static String policy(String action, int port, String metadata) {
    return """
    apiVersion: security.istio.io/v1
    kind: AuthorizationPolicy
    metadata: {name: told, namespace: mesh%s}
    spec:
      selector: {matchLabels: {app: server}}
      action: %s
      rules:
      - to:
        - operation: {ports: ["%d"]}
    """
        .formatted(metadata, action, port);
  }

  /** The labels of each metric that the client's ztunnel tells. */
  private Map<String, List<String>> metrics() throws IOException {
    return mesh.client()
        .askZtunnel(15020, "/stats/prometheus")
        .lines()
        .filter(line -> !line.startsWith("#") && !line.isBlank())
        .collect(
            Collectors.toMap(
                line -> line.split("[{ ]", 2)[0],
                line -> LABEL.matcher(line).results().map(found -> found.group(1)).toList(),
                (first, second) -> first));
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

  private static Optional<String> line(Path log, String message, String destination) {
    try {
      return Files.readAllLines(log).stream()
          .filter(line -> line.contains(message) && line.contains(destination))
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
