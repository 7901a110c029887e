// SPDX-License-Identifier: Apache-2.0
package dev.culvert.ztunnel.identity;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.culvert.policy.spiffe.TrustDomain;
import dev.culvert.policy.spiffe.TrustDomains;
import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLPeerUnverifiedException;
import javax.net.ssl.SSLSession;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class UntrackedPeerTest {
  @TempDir private Path folder;
  private final PrometheusMeterRegistry registry =
      new PrometheusMeterRegistry(PrometheusConfig.DEFAULT);

  @Test
  void peerWithoutReadableCertificatesIsCountedAndNotWatched() throws Exception {
    try (Revocations revocations =
        Revocations.of(folder.resolve("crl.pem"), Duration.ofHours(1), registry)) {
      TrustDomains domains = new TrustDomains(new TrustDomain("cluster.local"), Set.of());
      MeshRoots roots =
          new MeshRoots(List.of(), new MeshTrust(domains, revocations), Clock.systemUTC());
      SSLSession without = SSLContext.getDefault().createSSLEngine().getSession();

      assertThat(registry.scrape())
          .contains("istio_crl_untracked_connections_total{reporter=\"source\"} 0.0")
          .contains("istio_crl_untracked_connections_total{reporter=\"destination\"} 0.0");
      assertThatThrownBy(() -> roots.watch(without, "source", revoked -> {}))
          .isInstanceOf(SSLPeerUnverifiedException.class);
      assertThat(registry.scrape())
          .contains("istio_crl_untracked_connections_total{reporter=\"source\"} 1.0");
    }
  }
}
