// SPDX-License-Identifier: Apache-2.0
package dev.culvert.ztunnel.identity;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.culvert.policy.wire.ca.IstioCertificateRequest;
import dev.culvert.ztunnel.peers.Await;
import dev.culvert.ztunnel.peers.CutLine;
import dev.culvert.ztunnel.peers.FakeControlPlane;
import io.grpc.Status;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

/** Requests that fail, and when they are made again. */
final class CertificateRetryTest extends NodeCertificatesCase {
  @Test
  void failureNamesIdentityAndCause() {
    signing(
        (request, key) -> {
          throw Status.PERMISSION_DENIED
              .withDescription("no such pod on node one")
              .asRuntimeException();
        });
    assertThatThrownBy(() -> get(WEB))
        .hasMessageContaining("spiffe://cluster.local/ns/shop/sa/web")
        .hasMessageContaining("PERMISSION_DENIED no such pod on node one");
    assertThat(certificates.status().getFirst().state()).startsWith("Unavailable: ");
  }

  @Test
  void askedAgainAfterFailure() throws Exception {
    AtomicInteger calls = new AtomicInteger();
    signing(
        (request, key) -> {
          if (calls.incrementAndGet() == 1) {
            throw Status.INTERNAL.asRuntimeException();
          }
          return chain(ca.workload(key, DAY, idOf(request)));
        });
    assertThatThrownBy(() -> get(WEB)).isInstanceOf(ExecutionException.class);

    Await.until("the next attempt", () -> certificates.current(WEB).isPresent());
    assertThat(certificates.status().getFirst().state()).isEqualTo("Available");
  }

  @Test
  void askedAgainOnceTheControlPlaneIsBack() throws Exception {
    controlPlane.stop();
    assertThatThrownBy(() -> get(WEB)).hasMessageContaining("UNAVAILABLE");
    controlPlane.listen(ca);

    Await.until("a certificate", () -> certificates.current(WEB).isPresent());
  }

  @Test
  void requestCaughtByTheEndOfItsConnectionIsAskedAgain() throws Exception {
    AtomicInteger calls = new AtomicInteger();
    try (CutLine line = new CutLine(controlPlane.endpoint().port())) {
      controlPlane.signWith(
          (request, answer) -> {
            if (calls.incrementAndGet() == 1) {
              line.cut();
            } else {
              sign(request, answer, (r, key) -> chain(ca.workload(key, DAY, idOf(r))));
            }
          });
      try (NodeCertificates overTheLine = connect(line.endpoint())) {
        assertThat(overTheLine.get(WEB).get(30, TimeUnit.SECONDS).id()).isEqualTo(WEB);
      }
    }
    assertThat(calls).hasValue(2);
  }

  /** As when a replica of the control plane stops, and its address leads to another one. */
  @Test
  void requestCaughtByAServerThatStopsIsAskedOfTheNext() throws Exception {
    try (FakeControlPlane next = new FakeControlPlane(folder, ca);
        CutLine line = new CutLine(controlPlane.endpoint().port())) {
      next.signWith(
          (request, answer) ->
              sign(request, answer, (r, key) -> chain(ca.workload(key, DAY, idOf(r)))));
      CompletableFuture<IstioCertificateRequest> caught = new CompletableFuture<>();
      controlPlane.signWith((request, answer) -> caught.complete(request));
      try (NodeCertificates overTheLine = connect(line.endpoint())) {
        CompletableFuture<WorkloadCertificate> certificate = overTheLine.get(WEB);
        caught.get(30, TimeUnit.SECONDS);
        line.lead(next.endpoint().port());
        controlPlane.stop();
        assertThat(certificate.get(30, TimeUnit.SECONDS).id()).isEqualTo(WEB);
      }
    }
  }

  @Test
  void requestCaughtEachTimeFails() throws Exception {
    try (CutLine line = new CutLine(controlPlane.endpoint().port())) {
      controlPlane.signWith((request, answer) -> line.cut());
      try (NodeCertificates overTheLine = connect(line.endpoint())) {
        assertThatThrownBy(() -> overTheLine.get(WEB).get(30, TimeUnit.SECONDS))
            .hasMessageContaining("UNAVAILABLE");
      }
    }
  }
}
