// SPDX-License-Identifier: Apache-2.0
package dev.culvert.ztunnel.identity;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.culvert.policy.spiffe.SpiffeId;
import dev.culvert.policy.wire.ca.IstioCertificateRequest;
import dev.culvert.ztunnel.peers.Await;
import java.nio.file.Files;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;
import org.bouncycastle.asn1.x509.Extension;
import org.bouncycastle.asn1.x509.GeneralName;
import org.bouncycastle.asn1.x509.GeneralNames;
import org.bouncycastle.operator.jcajce.JcaContentVerifierProviderBuilder;
import org.bouncycastle.pkcs.PKCS10CertificationRequest;
import org.junit.jupiter.api.Test;

/** How certificates are asked for, served and forgotten. */
final class NodeCertificatesTest extends NodeCertificatesCase {
  @Test
  void askedWithTokenForThePodsIdentity() throws Exception {
    WorkloadCertificate certificate = get(WEB);

    IstioCertificateRequest request = asked.element();
    PKCS10CertificationRequest csr = csr(request);
    assertThat(certificate.id()).isEqualTo(WEB);
    assertThat(idOf(request)).isEqualTo(WEB.toString());
    assertThat(request.getValidityDuration()).isEqualTo(86_400);
    assertThat(controlPlane.tokens()).containsExactly("Bearer first-token");
    assertThat(csr.getSubject().getRDNs()).isEmpty();
    assertThat(keyOf(csr).getAlgorithm()).isIn("EC", "ECDSA");
    assertThat(csr.isSignatureValid(new JcaContentVerifierProviderBuilder().build(keyOf(csr))))
        .isTrue();
    GeneralNames names =
        GeneralNames.fromExtensions(csr.getRequestedExtensions(), Extension.subjectAlternativeName);
    assertThat(names.getNames())
        .containsExactly(new GeneralName(GeneralName.uniformResourceIdentifier, WEB.toString()));
  }

  @Test
  void servedFromHereWhileValid() throws Exception {
    WorkloadCertificate first = get(WEB);

    assertThat(get(WEB)).isSameAs(first);
    assertThat(certificates.current(WEB)).containsSame(first);
    assertThat(asked).hasSize(1);
  }

  @Test
  void askedOnceForAllWhoWait() throws Exception {
    List<CompletableFuture<WorkloadCertificate>> waiting = new ArrayList<>();
    for (int i = 0; i < 20; i++) {
      waiting.add(certificates.get(WEB));
    }
    for (CompletableFuture<WorkloadCertificate> one : waiting) {
      assertThat(one.get(30, TimeUnit.SECONDS).id()).isEqualTo(WEB);
    }
    assertThat(asked).hasSize(1);
  }

  @Test
  void tokenReadForEachCall() throws Exception {
    get(WEB);
    controlPlane.token("second-token");
    get(SpiffeId.workload(DOMAIN, "shop", "db"));

    assertThat(controlPlane.tokens()).containsExactly("Bearer first-token", "Bearer second-token");
  }

  @Test
  void fewAskedForAtATime() throws Exception {
    Queue<Runnable> held = new ConcurrentLinkedQueue<>();
    controlPlane.signWith(
        (request, answer) -> {
          asked.add(request);
          held.add(() -> sign(request, answer, (r, k) -> chain(ca.workload(k, DAY, idOf(r)))));
        });
    List<CompletableFuture<WorkloadCertificate>> waiting = new ArrayList<>();
    for (int i = 0; i < 20; i++) {
      waiting.add(certificates.get(SpiffeId.workload(DOMAIN, "shop", "pod-" + i)));
    }
    int answered = 0;
    while (answered < 20) {
      Await.until("another request", () -> !held.isEmpty());
      assertThat(asked.size() - answered).isLessThanOrEqualTo(FetchQueue.MAX_RUNNING);
      held.remove().run();
      answered++;
    }
    for (CompletableFuture<WorkloadCertificate> one : waiting) {
      assertThat(one.get(30, TimeUnit.SECONDS)).isNotNull();
    }
  }

  @Test
  void forgottenOnceNoPodUsesIt() throws Exception {
    get(WEB);
    certificates.forget(WEB);

    Await.until("it to be gone", () -> certificates.status().isEmpty());
    assertThat(certificates.current(WEB)).isEmpty();
    assertThat(get(WEB)).isNotNull();
    assertThat(asked).hasSize(2);
  }

  @Test
  void missingTokenNamed() throws Exception {
    Files.delete(controlPlane.tokenFile());

    assertThatThrownBy(() -> get(WEB))
        .hasMessageContaining("token-file " + controlPlane.tokenFile())
        .hasMessageContaining("no such file");
  }
}
