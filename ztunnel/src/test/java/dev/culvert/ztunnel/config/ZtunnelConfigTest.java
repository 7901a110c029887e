// SPDX-License-Identifier: Apache-2.0
package dev.culvert.ztunnel.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.culvert.policy.settings.InvalidSettingException;
import dev.culvert.policy.settings.Settings;
import dev.culvert.ztunnel.controlplane.Endpoint;
import dev.culvert.ztunnel.identity.TlsEngine;
import dev.culvert.ztunnel.transport.TransportChoice;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import org.junit.jupiter.api.Test;

class ZtunnelConfigTest {
  @Test
  void defaultsFollowIstio() {
    ZtunnelConfig config = config(Map.of());

    assertThat(config.node()).isEqualTo("one");
    assertThat(config.caAddress()).isEqualTo(new Endpoint("127.0.0.1", 15012));
    assertThat(config.trustDomain().name()).isEqualTo("cluster.local");
    assertThat(config.zdsSocket()).hasToString("/var/run/ztunnel/ztunnel.sock");
    assertThat(config.ports().admin()).isEqualTo(15000);
    assertThat(config.ports().stats()).isEqualTo(15020);
    assertThat(config.ports().ready()).isEqualTo(15021);
    assertThat(config.transport()).isEqualTo(TransportChoice.AUTO);
    assertThat(config.tlsEngine()).isEqualTo(TlsEngine.AUTO);
    assertThat(config.workers()).isGreaterThanOrEqualTo(2);
    assertThat(config.tunnels().streamWindow()).isEqualTo(4 << 20);
    assertThat(config.tunnels().connectionWindow()).isEqualTo(16 << 20);
    assertThat(config.tunnels().maxFrame()).isEqualTo(1 << 20);
    assertThat(config.tunnels().maxStreamsUsed()).isEqualTo(100);
    assertThat(config.certificateTtl()).isEqualTo(Duration.ofHours(24));
    assertThat(config.drainDeadline()).isEqualTo(Duration.ofSeconds(5));
    assertThat(config.shown()).containsEntry("node", "one").hasSameSizeAs(ZtunnelConfig.settings());
  }

  @Test
  void givenValuesTaken() {
    ZtunnelConfig config =
        config(
            Map.of(
                "ca-address", "[::1]:15013",
                "transport", "io_uring",
                "tls-engine", "jdk",
                "workers", "3",
                "dns-upstream", "198.18.0.53, [fd00:c01::53]:5353"));

    assertThat(config.caAddress()).isEqualTo(new Endpoint("::1", 15013));
    assertThat(config.transport()).isEqualTo(TransportChoice.IO_URING);
    assertThat(config.tlsEngine()).isEqualTo(TlsEngine.JDK);
    assertThat(config.workers()).isEqualTo(3);
    assertThat(config.dns().resolvers())
        .containsExactly(
            new InetSocketAddress("198.18.0.53", 53), new InetSocketAddress("fd00:c01::53", 5353));
  }

  @Test
  void wrongValuesNamed() {
    refused(Map.of("xds-address", "nowhere"), "xds-address", "host:port");
    refused(Map.of("xds-address", "host:99999"), "xds-address", "1 to 65535");
    refused(Map.of("transport", "carrier-pigeon"), "transport", "io_uring");
    refused(Map.of("trust-domain", "Not Valid"), "trust-domain", "Not Valid");
    refused(Map.of("dns-upstream", "example.org"), "dns-upstream", "example.org");
    refused(Map.of("http2-frame-size", "32MiB"), "http2-frame-size", "16384");
    refused(Map.of("admin-prt", "1"), "admin-prt", "did you mean admin-port");
  }

  @Test
  void onDemandNeedsTheDnsProxyOff() {
    assertThatThrownBy(() -> config(Map.of("xds-on-demand", "true")))
        .isInstanceOf(InvalidSettingException.class)
        .hasMessageContainingAll("xds-on-demand", "dns-proxy=false");
    assertThat(config(Map.of("xds-on-demand", "true", "dns-proxy", "false")).xdsOnDemand())
        .isTrue();
  }

  @Test
  void nodeRequired() {
    assertThatThrownBy(() -> Settings.of(ZtunnelConfig.settings(), Map.of()))
        .isInstanceOf(InvalidSettingException.class)
        .hasMessageContaining("node");
  }

  private static void refused(Map<String, String> given, String key, String hint) {
    assertThatThrownBy(() -> config(given))
        .isInstanceOf(InvalidSettingException.class)
        .hasMessageContaining(key)
        .hasMessageContaining(hint);
  }

  private static ZtunnelConfig config(Map<String, String> given) {
    Map<String, String> all = new HashMap<>(given);
    all.putIfAbsent("node", "one");
    all.putIfAbsent("xds-address", "127.0.0.1:15012");
    all.putIfAbsent("root-cert", "/nowhere/root-cert.pem");
    all.putIfAbsent("token-file", "/nowhere/token");
    return ZtunnelConfig.from(Settings.of(ZtunnelConfig.settings(), all));
  }
}
