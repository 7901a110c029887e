// SPDX-License-Identifier: Apache-2.0
package dev.culvert.ztunnel.identity;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.culvert.policy.spiffe.SpiffeId;
import dev.culvert.ztunnel.peers.Await;
import dev.culvert.ztunnel.peers.TestCa;
import io.grpc.Status;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

/** What comes after the first certificate and the first root. */
final class CertificateRenewalTest extends NodeCertificatesCase {
  @Test
  void renewedAtHalfOfItsLife() throws Exception {
    signing((request, key) -> chain(ca.workload(key, Duration.ofSeconds(6), idOf(request))));
    WorkloadCertificate first = get(WEB);

    Await.until("a second certificate", () -> asked.size() >= 2 && !first.equals(current()));
    assertThat(Instant.now()).isBefore(first.notAfter());
  }

  @Test
  void oldOneKeptWhileRenewalFails() throws Exception {
    AtomicInteger calls = new AtomicInteger();
    signing(
        (request, key) -> {
          if (calls.incrementAndGet() > 1) {
            throw Status.UNAVAILABLE.withDescription("restarting").asRuntimeException();
          }
          return chain(ca.workload(key, Duration.ofSeconds(6), idOf(request)));
        });
    WorkloadCertificate first = get(WEB);
    Await.until("a renewal that fails", () -> calls.get() >= 2);

    assertThat(current()).isSameAs(first);
    Await.until("the old one to expire", () -> certificates.current(WEB).isEmpty());
    assertThatThrownBy(() -> get(WEB)).hasRootCauseInstanceOf(Exception.class);
  }

  @Test
  void newRootOfTheControlPlaneTakenFromTheFile() throws Exception {
    get(WEB);
    TestCa next = new TestCa("next root");
    controlPlane.stop();
    controlPlane.listen(next);
    assertThatThrownBy(() -> get(SpiffeId.workload(DOMAIN, "shop", "db")))
        .hasMessageContaining("root-cert");

    controlPlane.trust(next);
    Await.until(
        "trust in the new root",
        () -> certificates.current(SpiffeId.workload(DOMAIN, "shop", "db")).isPresent());
  }

  @Test
  void rootsOfBothTimesTrustedWhileTheCaChangesItsRoot() throws Exception {
    WorkloadCertificate before = get(WEB);
    TestCa next = new TestCa("next root");
    X509Certificate ofNext = next.workload(TestCa.newKeys().getPublic(), DAY, WEB.toString());
    assertThatThrownBy(() -> before.roots().verify(List.of(ofNext)))
        .hasMessageContaining("does not lead to a root");

    signing(
        (request, key) ->
            List.of(
                TestCa.pem(next.workload(key, DAY, idOf(request))),
                TestCa.pem(next.root()) + TestCa.pem(ca.root())));
    WorkloadCertificate after = get(SpiffeId.workload(DOMAIN, "shop", "db"));

    X509Certificate ofFirst = ca.workload(TestCa.newKeys().getPublic(), DAY, WEB.toString());
    assertThat(after.roots().verify(List.of(ofFirst))).isEqualTo(WEB);
    assertThat(before.roots().verify(List.of(ofNext))).isEqualTo(WEB);
  }
}
