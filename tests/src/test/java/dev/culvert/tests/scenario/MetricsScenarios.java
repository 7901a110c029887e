// SPDX-License-Identifier: Apache-2.0
package dev.culvert.tests.scenario;

import static org.assertj.core.api.Assertions.assertThat;

import dev.culvert.tests.app.AppConnection;
import dev.culvert.tests.app.AppServer;
import dev.culvert.tests.app.Services;
import dev.culvert.tests.mesh.Await;
import dev.culvert.tests.mesh.Mesh;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** What a ztunnel counts of the connections it carries. */
abstract class MetricsScenarios {
  private static final String CLOSED = "istio_tcp_connections_closed_total";
  static final String FAILED = "istio_tcp_connections_failed_total";

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

  private static final Pattern LABEL = Pattern.compile("[{,]([a-z_]+)=\"");

  private final Mesh mesh;

  MetricsScenarios(Mesh mesh) {
    this.mesh = mesh;
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
  void bytesOfAnOpenConnectionAreCountedLive() throws Exception {
    int port = mesh.nextPort();
    try (AppServer _ = mesh.server().serve(port, Services.echo());
        AppConnection app = mesh.client().connect(mesh.server().at(port))) {
      double before = sentBytes();
      assertThat(app.echo("counted while it is open")).isEqualTo("counted while it is open");

      assertThat(sentBytes() - before).isGreaterThanOrEqualTo(24);
    }
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
}
