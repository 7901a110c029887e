// SPDX-License-Identifier: Apache-2.0
package dev.culvert.ztunnel.identity;

import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.culvert.ztunnel.peers.TestCa;
import java.security.PublicKey;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Answers of a control plane that are not believed. */
final class RefusedCertificateTest extends NodeCertificatesCase {
  @Test
  void answerForAnotherIdentityRefused() {
    signing((request, key) -> chain(ca.workload(key, DAY, "spiffe://cluster.local/ns/a/sa/b")));

    assertThatThrownBy(() -> get(WEB)).hasMessageContaining("spiffe://cluster.local/ns/a/sa/b");
  }

  @Test
  void answerForAnotherKeyRefused() {
    PublicKey other = TestCa.newKeys().getPublic();
    signing((request, key) -> chain(ca.workload(other, DAY, idOf(request))));

    assertThatThrownBy(() -> get(WEB)).hasMessageContaining("another key");
  }

  @Test
  void answerThatLeadsToAnotherRootRefused() {
    TestCa other = new TestCa("somebody else");
    signing((request, key) -> chain(other.workload(key, DAY, idOf(request))));

    assertThatThrownBy(() -> get(WEB)).hasMessageContaining("does not lead to a root");
  }

  @Test
  void answerThatHasExpiredRefused() {
    Instant now = Instant.now();
    signing(
        (request, key) ->
            chain(ca.workload(key, now.minusSeconds(90), now.minusSeconds(30), idOf(request))));

    assertThatThrownBy(() -> get(WEB)).hasMessageContaining("expired");
  }

  @Test
  void answerThatIsNoCertificateRefused() {
    signing((request, key) -> List.of("-----BEGIN NONSENSE-----", "more"));

    assertThatThrownBy(() -> get(WEB)).hasMessageContaining("no certificate for");
  }
}
