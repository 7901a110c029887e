// SPDX-License-Identifier: Apache-2.0
package dev.culvert.ztunnel.telemetry;

import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.spi.ILoggingEvent;
import dev.culvert.policy.authz.PolicyKey;
import dev.culvert.policy.authz.Verdict;
import dev.culvert.ztunnel.telemetry.ConnectionInfo.Direction;
import dev.culvert.ztunnel.telemetry.ConnectionInfo.Security;
import java.net.InetSocketAddress;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** The lines of the access log. */
final class ConnectionLinesTest extends ConnectionTelemetryCase {
  @Test
  void oneLineAtTheEnd() {
    ConnectionMeter meter = telemetry.open(tunnelled(Direction.OUTBOUND));
    meter.sent(84);
    meter.received(358);
    meter.decided(ALLOWED);
    meter.secured(new TlsSession("TLS_AES_128_GCM_SHA256", Optional.of("X25519MLKEM768")));
    meter.close(Outcome.clean());
    telemetry.close();

    assertThat(log.events()).hasSize(1);
    ILoggingEvent event = log.events().element();
    assertThat(event.getLevel()).isEqualTo(Level.INFO);
    assertThat(event.getFormattedMessage())
        .matches(
            "connection complete src\\.addr=198\\.18\\.0\\.9:40000 src\\.workload=\"client\""
                + " src\\.namespace=\"shop\""
                + " src\\.identity=\"spiffe://cluster\\.local/ns/shop/sa/client\""
                + " src\\.cluster=\"Kubernetes\""
                + " dst\\.addr=198\\.18\\.0\\.1:8080 dst\\.hbone_addr=198\\.18\\.0\\.1:15008"
                + " dst\\.service=\"web\\.shop\\.svc\\.cluster\\.local\" dst\\.workload=\"web\""
                + " dst\\.namespace=\"shop\""
                + " dst\\.identity=\"spiffe://cluster\\.local/ns/shop/sa/web\""
                + " dst\\.cluster=\"Kubernetes\" direction=\"outbound\""
                + " bytes_sent=84 bytes_recv=358 duration=\"\\d+ms\""
                + " policy=\"shop/allow-client\" tls\\.cipher=\"TLS_AES_128_GCM_SHA256\""
                + " tls\\.group=\"X25519MLKEM768\"");
  }

  @Test
  void failureSaysWhyAndWhichPolicy() {
    ConnectionMeter meter = telemetry.open(plaintextFromOutside());
    meter.decided(
        new Verdict.Deny(
            Optional.of(new PolicyKey("shop", "strict")), Verdict.Reason.DENY_MATCHED));
    meter.close(Outcome.failed(ResponseFlag.DENY, "denied by \"shop/strict\"\nreally"));
    telemetry.close();

    ILoggingEvent event = log.events().element();
    assertThat(event.getLevel()).isEqualTo(Level.ERROR);
    assertThat(event.getFormattedMessage())
        .contains(
            " policy=\"shop/strict\" response_flags=\"DENY\" error=\"denied by \\\"shop/strict\\\"\\nreally\"")
        .doesNotContain("identity");
    assertThat(sample("istio_tcp_connections_closed_total")).contains("response_flags=\"DENY\"");
    assertThat(sample("istio_tcp_connections_failed_total")).contains("response_flags=\"DENY\"");
  }

  /** An endpoint's name is whatever somebody has written into a resource. */
  @Test
  void nameThatWouldBeMoreThanOneFieldIsInQuotes() {
    ConnectionInfo named =
        new ConnectionInfo(
            Direction.OUTBOUND,
            Security.NONE,
            at("198.18.0.9", 40000),
            InetSocketAddress.createUnresolved("a policy=\"b\"\nINFO access", 80),
            at("198.18.1.1", 80),
            Optional.empty(),
            Optional.empty(),
            Optional.empty(),
            Optional.empty(),
            Optional.empty(),
            Optional.empty());
    telemetry.open(named).close(Outcome.clean());
    telemetry.close();

    assertThat(log.events().element().getFormattedMessage())
        .contains(" dst.addr=\"a policy=\\\"b\\\"\\nINFO access:80\" direction=");
  }

  @Test
  void dryRunSaysWhatWouldBe() {
    ConnectionMeter meter = telemetry.open(tunnelled(Direction.INBOUND));
    meter.decided(ALLOWED);
    meter.wouldBeDecided(
        new Verdict.Deny(
            Optional.of(new PolicyKey("shop", "planned")), Verdict.Reason.DENY_MATCHED));
    meter.close(Outcome.clean());
    telemetry.close();

    assertThat(log.events().element().getFormattedMessage())
        .contains("dry_run=\"denied by shop/planned\"");
  }

  @Test
  void connectionsThatNobodyCarriedHaveTheLinesOfOthers() {
    EndedConnections ended = new EndedConnections();
    for (int i = 0; i < 20; i++) {
      ended.add(40_000 + i, 84, 358, i);
    }
    telemetry.over(tunnelled(Direction.INBOUND), ended, Optional.of(ALLOWED), Outcome.clean());
    ConnectionMeter meter = telemetry.open(tunnelled(Direction.INBOUND));
    meter.sent(84);
    meter.received(358);
    meter.decided(ALLOWED);
    meter.close(Outcome.clean());
    telemetry.close();

    List<String> lines = log.events().stream().map(ILoggingEvent::getFormattedMessage).toList();
    assertThat(lines).hasSize(21);
    assertThat(lines.get(0).replace("0ms", "")).isEqualTo(lines.get(20).replaceAll("\\d+ms", ""));
    assertThat(lines.get(7)).contains(" src.addr=198.18.0.9:40007 ", " duration=\"7ms\" ");
    assertThat(sample("istio_tcp_connections_opened_total")).endsWith(" 21.0");
    assertThat(sample("istio_tcp_connections_closed_total")).endsWith(" 21.0");
    assertThat(sample("istio_tcp_sockets_open")).endsWith(" 0.0");
    assertThat(sample("istio_tcp_sent_bytes_total")).endsWith(" 1764.0");
    assertThat(sample("istio_tcp_received_bytes_total")).endsWith(" 7518.0");
  }

  @Test
  void connectionsThatNobodyCarriedFailTogether() {
    EndedConnections ended = new EndedConnections();
    ended.add(40_000, 0, 0, 1);
    ended.add(40_001, 0, 0, 1);
    telemetry.over(
        tunnelled(Direction.OUTBOUND),
        ended,
        Optional.empty(),
        Outcome.failed(ResponseFlag.CONNECT, "the app: not reached"));
    telemetry.close();

    assertThat(log.events())
        .hasSize(2)
        .allSatisfy(event -> assertThat(event.getLevel()).isEqualTo(Level.ERROR))
        .allSatisfy(
            event ->
                assertThat(event.getFormattedMessage()).endsWith("error=\"the app: not reached\""));
    assertThat(sample("istio_tcp_connections_failed_total")).endsWith(" 2.0");
  }

  @Test
  void refusalIsAWarning() {
    telemetry.refused(
        plaintextFromOutside(), Outcome.failed(ResponseFlag.CONNECT, "recursive call"));
    telemetry.close();

    assertThat(log.events().element().getLevel()).isEqualTo(Level.WARN);
    assertThat(log.events().element().getFormattedMessage()).startsWith("connection failed ");
  }

  @Test
  void membersForJson() {
    try (ConnectionTelemetry json = new ConnectionTelemetry(registry, LogFormat.JSON, LIMITS)) {
      ConnectionMeter meter = json.open(tunnelled(Direction.INBOUND));
      meter.sent(7);
      meter.close(Outcome.clean());
    }

    ILoggingEvent event = log.events().element();
    assertThat(event.getFormattedMessage()).isEqualTo("connection complete");
    List<String> names = event.getKeyValuePairs().stream().map(pair -> pair.key).toList();
    assertThat(names)
        .containsExactly(
            "src.addr",
            "src.workload",
            "src.namespace",
            "src.identity",
            "src.cluster",
            "dst.addr",
            "dst.hbone_addr",
            "dst.service",
            "dst.workload",
            "dst.namespace",
            "dst.identity",
            "dst.cluster",
            "direction",
            "bytes_sent",
            "bytes_recv",
            "duration");
    assertThat(event.getKeyValuePairs().get(13).value).isEqualTo(7L);
  }

  @Test
  void openingsOnlyAtDebug() {
    try (CapturedLog debug = new CapturedLog("access", Level.DEBUG)) {
      try (ConnectionTelemetry verbose =
          new ConnectionTelemetry(registry, LogFormat.TEXT, LIMITS)) {
        ConnectionMeter meter = verbose.open(tunnelled(Direction.OUTBOUND));
        assertThat(verbose.connections()).hasSize(1);
        meter.close(Outcome.clean());
        assertThat(verbose.connections()).isEmpty();
      }
      assertThat(debug.events())
          .extracting(event -> event.getFormattedMessage().split(" src", 2)[0])
          .containsExactly("connection opened", "connection complete");
    }
  }
}
