// SPDX-License-Identifier: Apache-2.0
package dev.culvert.controlplane.ca;

import static org.assertj.core.api.Assertions.assertThat;

import dev.culvert.controlplane.state.StateFolder;
import dev.culvert.policy.spiffe.TrustDomain;
import java.nio.file.Path;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ServingCertificateTest {
  private final AtomicReference<Instant> now = new AtomicReference<>(Instant.now());

  @Test
  void renewedAtHalfLife(@TempDir Path folder) throws Exception {
    try (StateFolder state = StateFolder.open(folder)) {
      ServingCertificate serving = serving(state);
      X509Certificate first = current(serving);
      serving.renewWhenDue();
      assertThat(current(serving)).isEqualTo(first);

      now.set(now.get().plus(Duration.ofMinutes(31)));
      serving.renewWhenDue();
      X509Certificate second = current(serving);
      assertThat(second.getNotAfter()).isAfter(first.getNotAfter());
      assertThat(second.getSerialNumber()).isNotEqualTo(first.getSerialNumber());
      assertThat(second.getPublicKey()).isEqualTo(first.getPublicKey());
    }
  }

  @Test
  void isServerOnlyAndNoIdentity(@TempDir Path folder) throws Exception {
    try (StateFolder state = StateFolder.open(folder)) {
      X509Certificate leaf = current(serving(state));
      assertThat(leaf.getExtendedKeyUsage()).containsExactly("1.3.6.1.5.5.7.3.1");
      assertThat(leaf.getSubjectAlternativeNames().toString())
          .isEqualTo("[[2, plane.example], [7, 198.18.0.9], [7, fd00:c01:0:0:0:0:0:9]]");
    }
  }

  private ServingCertificate serving(StateFolder state) {
    CertificateAuthority authority =
        RootStore.open(state, new TrustDomain("cluster.local"), now::get);
    return new ServingCertificate(
        authority,
        List.of("plane.example", "198.18.0.9", "fd00:c01::9"),
        Duration.ofHours(1),
        now::get);
  }

  private static X509Certificate current(ServingCertificate serving) {
    return serving.keys().getCertificateChain("serving")[0];
  }
}
