// SPDX-License-Identifier: Apache-2.0
package dev.culvert.ztunnel;

import static org.assertj.core.api.Assertions.assertThat;

import dev.culvert.policy.settings.ForeignSettings.Given;
import dev.culvert.policy.settings.Settings;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

class IstioEnvironmentTest {
  /** What the chart of Istio's ztunnel sets. */
  private static final Map<String, String> CHART =
      Map.ofEntries(
          Map.entry("NODE_NAME", "worker-1"),
          Map.entry("XDS_ADDRESS", "istiod.istio-system.svc:15012"),
          Map.entry("CA_ADDRESS", "https://istiod.istio-system.svc:15012/"),
          Map.entry("RUST_LOG", "info,access=debug"),
          Map.entry("RUST_BACKTRACE", "1"),
          Map.entry("INPOD_ENABLED", "true"),
          Map.entry("ISTIO_META_CLUSTER_ID", "east"),
          Map.entry("CLUSTER_ID", "west"),
          Map.entry("ISTIO_META_DNS_PROXY_ADDR", "a,b%"),
          Map.entry("TERMINATION_GRACE_PERIOD_SECONDS", "30"),
          Map.entry("POD_NAME", "ztunnel-abc"),
          Map.entry("POD_NAMESPACE", "istio-system"),
          Map.entry("INSTANCE_IP", "10.0.0.7"),
          Map.entry("NETWORK", ""),
          Map.entry("SECRET_TTL", "1h30m"),
          Map.entry("HTTP2_STREAM_WINDOW_SIZE", "1048576"),
          Map.entry("POOL_UNUSED_RELEASE_TIMEOUT", "90s"),
          Map.entry("POOL_MAX_STREAMS_PER_CONNECTION", "50"),
          Map.entry("XDS_HEADER_X-Tenant", "shop"),
          Map.entry("ZTUNNEL_WORKER_THREADS", "50%"),
          Map.entry("ZTUNNEL_CPU_LIMIT", "5"),
          Map.entry("LOG_FORMAT", "json"));

  private final IstioEnvironment istio = new IstioEnvironment();

  @Test
  void chartOfIstioStartsThisZtunnel() {
    ZtunnelConfig config = config(CHART);

    assertThat(config.node()).isEqualTo("worker-1");
    assertThat(config.xdsAddress()).hasToString("istiod.istio-system.svc:15012");
    assertThat(config.caAddress()).hasToString("istiod.istio-system.svc:15012");
    assertThat(config.rootCert()).hasToString("/var/run/secrets/istio/root-cert.pem");
    assertThat(config.tokenFile()).hasToString("/var/run/secrets/tokens/istio-token");
    assertThat(config.cluster()).isEqualTo("east");
    assertThat(config.network()).isEmpty();
    assertThat(config.drainDeadline()).isEqualTo(Duration.ofSeconds(25));
    assertThat(config.certificateTtl()).isEqualTo(Duration.ofMinutes(90));
    assertThat(config.tunnels().streamWindow()).isEqualTo(1 << 20);
    assertThat(config.tunnels().maxStreamsUsed()).isEqualTo(50);
    assertThat(config.tunnels().idleRelease()).isEqualTo(Duration.ofSeconds(90));
    assertThat(config.workers()).isEqualTo(3);
    assertThat(config.self().identity().pod()).isEqualTo("ztunnel-abc");
    assertThat(config.self().identity().metadata()).containsEntry("DNS_PROXY_ADDR", "a,b%");
    assertThat(config.self().xdsHeaders()).containsEntry("X-Tenant", "shop");
  }

  @Test
  void explicitDeadlineWinsOverTheGracePeriod() {
    Map<String, String> both = new HashMap<>(CHART);
    both.put("CONNECTION_TERMINATION_DEADLINE", "2m");

    assertThat(config(both).drainDeadline()).isEqualTo(Duration.ofMinutes(2));
  }

  @Test
  void logLevelIsTheOneWithoutATarget() {
    assertThat(level("access=debug,warn")).isEqualTo("warn");
    assertThat(level("ztunnel::xds=trace")).isEqualTo("info");
    assertThat(level("off")).isEqualTo("error");
  }

  @Test
  void shortGraceLeavesASecond() {
    assertThat(given(Map.of("TERMINATION_GRACE_PERIOD_SECONDS", "1")))
        .containsEntry("drain-deadline", "1s");
    assertThat(given(Map.of("TERMINATION_GRACE_PERIOD_SECONDS", "10")))
        .containsEntry("drain-deadline", "9s");
  }

  private String level(String rustLog) {
    return given(Map.of("RUST_LOG", rustLog)).get("log-level");
  }

  private Map<String, String> given(Map<String, String> environment) {
    return istio.in(environment).stream().collect(Collectors.toMap(Given::key, Given::text));
  }

  private ZtunnelConfig config(Map<String, String> environment) {
    Map<String, String> given = new HashMap<>(given(environment));
    // The command's own, not ztunnel's.
    given.remove("log-level");
    return ZtunnelConfig.from(Settings.of(ZtunnelConfig.settings(), given));
  }
}
