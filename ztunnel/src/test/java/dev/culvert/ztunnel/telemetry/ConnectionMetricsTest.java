// SPDX-License-Identifier: Apache-2.0
package dev.culvert.ztunnel.telemetry;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.culvert.ztunnel.telemetry.ConnectionInfo.Direction;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What is counted of connections, and by which labels. */
final class ConnectionMetricsTest extends ConnectionTelemetryCase {
  @Test
  void countedByIstiosNames() {
    ConnectionMeter meter = telemetry.open(tunnelled(Direction.OUTBOUND));
    meter.sent(100);
    meter.sent(20);
    meter.received(3000);
    telemetry.fold();

    assertThat(sample("istio_tcp_connections_opened_total")).endsWith(" 1.0");
    assertThat(sample("istio_tcp_sent_bytes_total")).endsWith(" 120.0");
    assertThat(sample("istio_tcp_received_bytes_total")).endsWith(" 3000.0");
    assertThat(registry.scrape()).doesNotContain("istio_tcp_connections_closed_total{");

    meter.close(Outcome.clean());
    assertThat(sample("istio_tcp_connections_closed_total"))
        .contains("response_flags=\"-\"")
        .endsWith(" 1.0");
    assertThat(registry.scrape()).doesNotContain("istio_tcp_connections_failed_total{");
  }

  @Test
  void labelledAsIstioDoes() {
    telemetry.open(tunnelled(Direction.OUTBOUND)).close(Outcome.clean());

    assertThat(sample("istio_tcp_connections_opened_total"))
        .contains(
            "reporter=\"source\"",
            "source_workload=\"client-deployment\"",
            "source_canonical_service=\"client\"",
            "source_canonical_revision=\"v1\"",
            "source_workload_namespace=\"shop\"",
            "source_principal=\"spiffe://cluster.local/ns/shop/sa/client\"",
            "source_app=\"client\"",
            "source_version=\"v1\"",
            "source_cluster=\"Kubernetes\"",
            "destination_service=\"web.shop.svc.cluster.local\"",
            "destination_service_namespace=\"shop\"",
            "destination_service_name=\"web\"",
            "destination_workload=\"web-deployment\"",
            "destination_canonical_service=\"web\"",
            "destination_canonical_revision=\"v1\"",
            "destination_workload_namespace=\"shop\"",
            "destination_principal=\"spiffe://cluster.local/ns/shop/sa/web\"",
            "destination_app=\"web\"",
            "destination_version=\"v1\"",
            "destination_cluster=\"Kubernetes\"",
            "request_protocol=\"tcp\"",
            "response_flags=\"-\"",
            "connection_security_policy=\"mutual_tls\"");
  }

  @Test
  void unknownWhereNothingIsKnown() {
    telemetry.open(plaintextFromOutside()).close(Outcome.clean());

    assertThat(sample("istio_tcp_connections_opened_total"))
        .contains(
            "reporter=\"destination\"",
            "source_workload=\"unknown\"",
            "source_principal=\"unknown\"",
            "destination_service=\"unknown\"",
            "connection_security_policy=\"unknown\"");
  }

  @Test
  void closedOnce() {
    ConnectionMeter meter = telemetry.open(tunnelled(Direction.OUTBOUND));
    meter.close(Outcome.clean());

    assertThatThrownBy(() -> meter.close(Outcome.clean()))
        .isInstanceOf(IllegalStateException.class);
  }

  @Test
  void liveBytesAreFoldedOnce() {
    ConnectionMeter meter = telemetry.open(tunnelled(Direction.OUTBOUND));
    meter.sent(100);
    telemetry.fold();
    telemetry.fold();
    meter.sent(1);
    meter.close(Outcome.clean());

    assertThat(sample("istio_tcp_sent_bytes_total")).endsWith(" 101.0");
  }

  @Test
  void openConnectionsCountedUntilTheyEnd() {
    ConnectionMeter meter = telemetry.open(tunnelled(Direction.OUTBOUND));
    assertThat(sample("istio_tcp_sockets_open")).endsWith(" 1.0");

    meter.close(Outcome.clean());
    assertThat(sample("istio_tcp_sockets_open")).endsWith(" 0.0");
  }

  @Test
  void namesLookedUpForConnectionsAreCounted() {
    telemetry.open(tunnelled(Direction.OUTBOUND));
    assertThat(registry.scrape()).doesNotContain("istio_on_demand_dns_total");

    telemetry.lookedUp(tunnelled(Direction.OUTBOUND));
    telemetry.lookedUp(tunnelled(Direction.OUTBOUND));
    assertThat(sample("istio_on_demand_dns_total"))
        .contains("source_workload=\"client-deployment\"")
        .endsWith(" 2.0");
  }

  @Test
  void pairsBeyondTheLimitCountedTogether() {
    SeriesLimits one = new SeriesLimits(1, Duration.ofMinutes(15));
    try (ConnectionTelemetry bounded = new ConnectionTelemetry(registry, LogFormat.TEXT, one)) {
      bounded.open(tunnelled(Direction.OUTBOUND)).close(Outcome.clean());
      bounded.open(plaintextFromOutside()).close(Outcome.clean());
      bounded.open(tunnelled(Direction.INBOUND)).close(Outcome.clean());
    }

    List<String> opened =
        registry
            .scrape()
            .lines()
            .filter(line -> line.startsWith("istio_tcp_connections_opened_total{"))
            .toList();
    assertThat(opened).hasSize(3);
    assertThat(opened)
        .filteredOn(line -> line.contains("source_workload=\"overflow\""))
        .hasSize(2)
        .allMatch(line -> line.contains("destination_service=\"overflow\""))
        .allMatch(line -> line.contains("reporter=\"destination\""));
  }

  @Test
  void unusedPairForgottenAndCountedAnew() {
    SeriesLimits brief = new SeriesLimits(100, Duration.ZERO);
    try (ConnectionTelemetry bounded = new ConnectionTelemetry(registry, LogFormat.TEXT, brief)) {
      ConnectionMeter held = bounded.open(tunnelled(Direction.OUTBOUND));
      bounded.open(plaintextFromOutside()).close(Outcome.failed(ResponseFlag.DENY, "denied"));
      bounded.tick();
      assertThat(registry.scrape())
          .contains("source_workload=\"client-deployment\"")
          .doesNotContain("response_flags=\"DENY\"");

      held.close(Outcome.clean());
      bounded.tick();
      assertThat(registry.scrape()).doesNotContain("istio_tcp_");

      bounded.open(tunnelled(Direction.OUTBOUND)).close(Outcome.clean());
      assertThat(sample("istio_tcp_connections_opened_total")).endsWith(" 1.0");
    }
  }
}
