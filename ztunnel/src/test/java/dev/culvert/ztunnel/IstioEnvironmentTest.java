// SPDX-License-Identifier: Apache-2.0
package dev.culvert.ztunnel;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.culvert.policy.settings.ForeignSettings;
import dev.culvert.policy.settings.ForeignSettings.Given;
import dev.culvert.policy.settings.Settings;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

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

  /** One by one, so that a name that is dropped or mapped elsewhere is told by name. */
  @ParameterizedTest
  @CsvSource({
    "NODE_NAME, worker-1, node, worker-1",
    "XDS_ADDRESS, https://istiod.istio-system.svc:15012, xds-address, istiod.istio-system.svc:15012",
    "CA_ADDRESS, istiod.istio-system.svc:15012, ca-address, istiod.istio-system.svc:15012",
    "XDS_ROOT_CA, /certs/root.pem, root-cert, /certs/root.pem",
    "CA_ROOT_CA, /certs/root.pem, root-cert, /certs/root.pem",
    "AUTH_TOKEN, /tokens/one, token-file, /tokens/one",
    "TRUST_DOMAIN, td.example, trust-domain, td.example",
    "CLUSTER_ID, east, cluster, east",
    "CLUSTER_DOMAIN, corp.local, cluster-domain, corp.local",
    "NETWORK, net-1, network, net-1",
    "INPOD_UDS, /run/z.sock, zds-socket, /run/z.sock",
    "SECRET_TTL, 1h30m, certificate-ttl, 5400000ms",
    "CRL_PATH, /certs/crl.pem, crl-file, /certs/crl.pem",
    "COMPLIANCE_POLICY, pqc, post-quantum, required",
    "COMPLIANCE_POLICY, fips-140-2, post-quantum, fips-140-2",
    "ISTIO_META_DNS_CAPTURE, true, dns-proxy, true",
    "ISTIO_META_DNS_CAPTURE, False, dns-proxy, false",
    "PREFERED_SERVICE_NAMESPACE, shared, dns-preferred-namespace, shared",
    "POOL_MAX_STREAMS_PER_CONNECTION, 50, pool-max-streams, 50",
    "POOL_UNUSED_RELEASE_TIMEOUT, 90s, pool-idle, 90000ms",
    "HTTP2_STREAM_WINDOW_SIZE, 1048576, http2-stream-window, 1048576B",
    "HTTP2_CONNECTION_WINDOW_SIZE, 4194304, http2-connection-window, 4194304B",
    "HTTP2_FRAME_SIZE, 65536, http2-frame-size, 65536B",
    "CONNECTION_TERMINATION_DEADLINE, 2h, drain-deadline, 7200000ms",
    "TERMINATION_GRACE_PERIOD_SECONDS, 30, drain-deadline, 25s",
    "ZTUNNEL_WORKER_THREADS, 3, workers, 3",
    "LOG_FORMAT, json, log-format, json",
    "RUST_LOG, debug, log-level, debug",
    "POD_NAME, ztunnel-abc, pod-name, ztunnel-abc",
    "POD_NAMESPACE, istio-system, pod-namespace, istio-system",
    "INSTANCE_IP, 10.0.0.7, instance-ip, 10.0.0.7",
    "ISTIO_META_GENERATOR, x, node-metadata, GENERATOR=x",
    "XDS_HEADER_x-tenant, shop, xds-headers, x-tenant=shop",
    "CA_HEADER_x-tenant, shop, ca-headers, x-tenant=shop",
  })
  void eachOfIstiosNamesIsUnderstood(String variable, String text, String key, String value) {
    assertThat(given(Map.of(variable, text))).containsEntry(key, value);
    assertThat(istio.names()).extracting(ForeignSettings.Name::key).contains(key);
  }

  @Test
  void policyThatIsNotKeptStopsTheStart() {
    Map<String, String> fips = new HashMap<>(CHART);
    fips.put("COMPLIANCE_POLICY", "fips-140-2");

    assertThatThrownBy(() -> config(fips)).hasMessageContaining("post-quantum");
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
