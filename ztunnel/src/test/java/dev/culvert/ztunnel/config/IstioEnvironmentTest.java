// SPDX-License-Identifier: Apache-2.0
package dev.culvert.ztunnel.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.culvert.policy.settings.FixedVariable;
import dev.culvert.policy.settings.ForeignSettings;
import dev.culvert.policy.settings.ForeignSettings.Given;
import dev.culvert.policy.settings.InvalidSettingException;
import dev.culvert.policy.settings.Settings;
import dev.culvert.ztunnel.controlplane.NodeToken;
import dev.culvert.ztunnel.controlplane.ServerTrust;
import dev.culvert.ztunnel.transport.Keepalive;
import dev.culvert.ztunnel.transport.PodNetwork;
import dev.culvert.ztunnel.transport.PodNetwork.Redirect;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class IstioEnvironmentTest {
  private static final Path ROOT_CERT = Path.of("/var/run/secrets/istio/root-cert.pem");

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
          Map.entry("ISTIO_META_GENERATOR", "a,b%"),
          Map.entry("ISTIO_METAJSON_LABELS", "{\"LABELS\": {\"app\": \"ztunnel\"}}"),
          Map.entry("SERVICE_ACCOUNT", "ztunnel"),
          Map.entry("KUBERNETES_SERVICE_HOST", "10.96.0.1"),
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
    assertThat(config.servers().xds()).isEqualTo(ServerTrust.of(ROOT_CERT));
    assertThat(config.servers().ca()).isEqualTo(ServerTrust.of(ROOT_CERT));
    assertThat(config.podNetwork())
        .isEqualTo(new PodNetwork(Redirect.NETFILTER, true, Keepalive.STANDARD));
    assertThat(config.token()).isEqualTo(NodeToken.STANDARD);
    assertThat(config.cluster()).isEqualTo("east");
    assertThat(config.network()).isEmpty();
    assertThat(config.drainDeadline()).isEqualTo(Duration.ofSeconds(25));
    assertThat(config.certificateTtl()).isEqualTo(Duration.ofMinutes(90));
    assertThat(config.tunnels().streamWindow()).isEqualTo(1 << 20);
    assertThat(config.tunnels().maxStreamsUsed()).isEqualTo(50);
    assertThat(config.tunnels().idleRelease()).isEqualTo(Duration.ofSeconds(90));
    assertThat(config.workers()).isEqualTo(3);
    assertThat(config.self().identity().pod()).isEqualTo("ztunnel-abc");
    assertThat(config.self().identity().metadata()).containsEntry("GENERATOR", "a,b%");
    assertThat(config.self().identity().more().getFieldsOrThrow("LABELS").getStructValue())
        .extracting(labels -> labels.getFieldsOrThrow("app").getStringValue())
        .isEqualTo("ztunnel");
    assertThat(istio.notes(CHART)).isEmpty();
    assertThat(config.self().xdsHeaders()).containsEntry("X-Tenant", "shop");
  }

  @Test
  void chartOfCiliumStartsThisZtunnel() {
    ZtunnelConfig config =
        config(
            Map.of(
                "XDS_ADDRESS", "https://localhost:15012",
                "XDS_ROOT_CA", "/etc/ztunnel/bootstrap-root.crt",
                "CA_ADDRESS", "https://localhost:15012",
                "CA_ROOT_CA", "/etc/ztunnel/bootstrap-root.crt",
                "ISTIO_META_DNS_CAPTURE", "false",
                "INPOD_UDS", "/var/run/cilium/ztunnel.sock",
                "NODE_NAME", "10.0.0.1",
                "INSTANCE_IP", "10.0.0.1",
                "ISTIO_META_ENABLE_HBONE", "true"));

    ServerTrust bootstrap = ServerTrust.of(Path.of("/etc/ztunnel/bootstrap-root.crt"));
    assertThat(config.node()).isEqualTo("10.0.0.1");
    assertThat(config.xdsAddress()).hasToString("localhost:15012");
    assertThat(config.caAddress()).hasToString("localhost:15012");
    assertThat(config.servers()).isEqualTo(new ServerConfig(bootstrap, bootstrap));
    assertThat(config.token()).isEqualTo(NodeToken.STANDARD);
    assertThat(config.zdsSocket()).hasToString("/var/run/cilium/ztunnel.sock");
    assertThat(config.podNetwork().redirect()).isEqualTo(Redirect.NETFILTER);
    assertThat(config.dns().answersNames()).isFalse();
  }

  @Test
  void agentWithProgramsOfItsOwnIsNotTakenForOneOfIstiosKind() {
    assertThat(given(Map.of("INPOD_UDS", "/run/z.sock", "INPOD_ENABLED", "false")))
        .containsEntry("redirect", "ebpf");
  }

  /** One by one, so that a name that is dropped or mapped elsewhere is told by name. */
  @ParameterizedTest
  @CsvSource({
    "NODE_NAME, worker-1, node, worker-1",
    "XDS_ADDRESS, https://istiod.istio-system.svc:15012, xds-address, istiod.istio-system.svc:15012",
    "CA_ADDRESS, istiod.istio-system.svc:15012, ca-address, istiod.istio-system.svc:15012",
    "XDS_ROOT_CA, /certs/root.pem, root-cert, /certs/root.pem",
    "XDS_ROOT_CA, SYSTEM, root-cert, SYSTEM",
    "CA_ROOT_CA, /certs/root.pem, ca-root-cert, /certs/root.pem",
    "ALT_XDS_HOSTNAME, istiod.istio-system, xds-server-name, istiod.istio-system",
    "ALT_CA_HOSTNAME, istiod.istio-system, ca-server-name, istiod.istio-system",
    "AUTH_TOKEN, ./tokens/one, token-file, ./tokens/one",
    "AUTH_TOKEN, /tokens/one, token-file, /tokens/one",
    "TRUST_DOMAIN, td.example, trust-domain, td.example",
    "CLUSTER_ID, east, cluster, east",
    "CLUSTER_DOMAIN, corp.local, cluster-domain, corp.local",
    "NETWORK, net-1, network, net-1",
    "INPOD_UDS, /run/z.sock, zds-socket, /run/z.sock",
    "INPOD_UDS, /run/z.sock, redirect, netfilter",
    "INPOD_ENABLED, true, redirect, netfilter",
    "INPOD_ENABLED, false, redirect, ebpf",
    "IPV6_ENABLED, false, ipv6, false",
    "KEEPALIVE_ENABLED, false, keepalive-time, 0s",
    "KEEPALIVE_TIME, 1m, keepalive-time, 60000ms",
    "KEEPALIVE_INTERVAL, 75s, keepalive-interval, 75000ms",
    "KEEPALIVE_RETRIES, 3, keepalive-probes, 3",
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

  @ParameterizedTest
  @CsvSource({
    "PROXY_MODE, dedicated",
    "ENABLE_PROXY, false",
    "FAKE_CA, true",
    "LOCAL_XDS_PATH, /etc/mesh.yaml",
    "LOCAL_XDS, '{}'",
    "PROXY_CONFIG, 'concurrency: 3'",
    "PACKET_MARK, 7",
    "TRANSPARENT_NETWORK_POLICIES, true",
    "UNSTABLE_ENABLE_SOCKS5, true",
    "AUTH_TOKEN, eyJhbGciOi",
    "ISTIO_METAJSON_LABELS, not JSON",
    "ZTUNNEL_WORKER_THREADS, 150%",
    "ZTUNNEL_WORKER_THREADS, 0%",
    "TERMINATION_GRACE_PERIOD_SECONDS, soon",
  })
  void whatSomebodyReliesOnAndDoesNotGetStopsTheStart(String variable, String text) {
    assertThatThrownBy(() -> istio.in(Map.of(variable, text)))
        .isInstanceOf(InvalidSettingException.class)
        .hasMessageStartingWith(variable + ": ");
  }

  /** In a log it would be for everybody. */
  @Test
  void tokenItselfIsNotToldBack() {
    assertThatThrownBy(() -> istio.in(Map.of("AUTH_TOKEN", "eyJhbGciOi")))
        .hasMessageNotContaining("eyJ");
  }

  @ParameterizedTest
  @CsvSource({
    "TLS12_ENABLED, true",
    "ENABLE_ORIG_SRC, false",
    "INPOD_PORT_REUSE, false",
    "ENABLE_RESPONSE_BAGGAGE, false",
    "LOCALHOST_APP_TUNNEL, false",
    "ISTIO_META_DNS_PROXY_ADDR, localhost:5353",
    "USER_TIMEOUT_ENABLED, true",
  })
  void whatChangesNothingIsTold(String variable, String text) {
    assertThat(istio.notes(Map.of(variable, text)))
        .singleElement()
        .asString()
        .startsWith("%s=%s changes nothing: ".formatted(variable, text));
  }

  @Test
  void whatIsDoneAnywayIsNotTold() {
    for (FixedVariable fixed : istio.fixed()) {
      for (String same : fixed.same()) {
        Map<String, String> environment = Map.of(fixed.variable(), same);
        assertThat(istio.notes(environment)).isEmpty();
        istio.check(environment);
      }
    }
  }

  @Test
  void policyThatIsNotKeptStopsTheStart() {
    Map<String, String> fips = new HashMap<>(CHART);
    fips.put("COMPLIANCE_POLICY", "fips-140-2");

    assertThatThrownBy(() -> config(fips)).hasMessageContaining("post-quantum");
  }

  @Test
  void noWorkersMeansAllProcessors() {
    assertThat(given(Map.of("ZTUNNEL_WORKER_THREADS", "0", "ZTUNNEL_CPU_LIMIT", "6")))
        .containsEntry("workers", "6");
  }

  @Test
  void keepaliveThatIsOffIsOffWhateverItsTimeIs() {
    assertThat(given(Map.of("KEEPALIVE_ENABLED", "false", "KEEPALIVE_TIME", "1m")))
        .containsEntry("keepalive-time", "0s");
    assertThat(given(Map.of("KEEPALIVE_ENABLED", "true", "KEEPALIVE_TIME", "1m")))
        .containsEntry("keepalive-time", "60000ms");
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
