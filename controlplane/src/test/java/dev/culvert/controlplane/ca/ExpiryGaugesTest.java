// SPDX-License-Identifier: Apache-2.0
package dev.culvert.controlplane.ca;

import static org.assertj.core.api.Assertions.assertThat;

import dev.culvert.policy.spiffe.TrustDomain;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What metrics tell of the ends of an authority that somebody else made. */
class ExpiryGaugesTest {
  private static final Duration MONTH = Duration.ofDays(30);

  private final MeterRegistry registry = new SimpleMeterRegistry();
  @TempDir private Path folder;
  private ForeignAuthority root;
  private ForeignAuthority signer;
  private CertificateAuthority authority;
  private ServingCertificate serving;

  @BeforeEach
  void open() throws Exception {
    root = ForeignAuthority.root("company");
    signer = signer(MONTH);
    signer.plugInto(folder, new ForeignAuthority[0], root);
    InstantSource clock = InstantSource.system();
    authority = PluggedIn.open(folder, new TrustDomain("cluster.local"), clock);
    serving =
        ServingCertificate.await(
            authority, List.of("controlplane.test"), Duration.ofHours(24), clock);
    ExpiryGauges.register(registry, authority, serving, clock);
  }

  @Test
  void chainEndsWithTheSignerAndTheRootByItself() {
    assertThat(gauge("citadel_server_cert_chain_expiry_timestamp")).isEqualTo(end(signer));
    assertThat(gauge("citadel_server_root_cert_expiry_timestamp")).isEqualTo(end(root));
    assertThat(gauge("culvert_serving_cert_expiry_timestamp"))
        .isEqualTo((double) serving.end().getEpochSecond());
  }

  @Test
  void secondsAreThoseThatAreLeft() {
    long before = Instant.now().getEpochSecond();
    double left = gauge("citadel_server_cert_chain_expiry_seconds");
    assertThat(left)
        .isBetween(end(signer) - Instant.now().getEpochSecond() - 1.0, end(signer) - before);
  }

  @Test
  void nextSignerMovesTheEnd() throws Exception {
    ForeignAuthority next = signer(MONTH.multipliedBy(3));
    next.plugInto(folder, new ForeignAuthority[0], root);
    authority.refresh();
    assertThat(gauge("citadel_server_cert_chain_expiry_timestamp"))
        .isEqualTo(end(next))
        .isGreaterThan(end(signer));
  }

  private ForeignAuthority signer(Duration life) throws Exception {
    return root.under("signer", new ForeignAuthority.Limits(life, 2, "", true));
  }

  private static double end(ForeignAuthority authority) {
    return authority.certificate().getNotAfter().toInstant().getEpochSecond();
  }

  private double gauge(String name) {
    return registry.get(name).gauge().value();
  }
}
