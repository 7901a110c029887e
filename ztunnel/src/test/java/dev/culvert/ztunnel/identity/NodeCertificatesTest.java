// SPDX-License-Identifier: Apache-2.0
package dev.culvert.ztunnel.identity;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.culvert.policy.spiffe.SpiffeId;
import dev.culvert.policy.spiffe.TrustDomain;
import dev.culvert.policy.wire.ca.IstioCertificateRequest;
import dev.culvert.policy.wire.ca.IstioCertificateResponse;
import dev.culvert.ztunnel.controlplane.Endpoint;
import dev.culvert.ztunnel.peers.Await;
import dev.culvert.ztunnel.peers.CutLine;
import dev.culvert.ztunnel.peers.FakeControlPlane;
import dev.culvert.ztunnel.peers.TestCa;
import io.grpc.Status;
import io.grpc.stub.StreamObserver;
import java.io.StringReader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.PublicKey;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.BiFunction;
import org.bouncycastle.asn1.x509.Extension;
import org.bouncycastle.asn1.x509.GeneralName;
import org.bouncycastle.asn1.x509.GeneralNames;
import org.bouncycastle.openssl.PEMParser;
import org.bouncycastle.openssl.jcajce.JcaPEMKeyConverter;
import org.bouncycastle.operator.jcajce.JcaContentVerifierProviderBuilder;
import org.bouncycastle.pkcs.PKCS10CertificationRequest;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class NodeCertificatesTest {
  private static final TrustDomain DOMAIN = new TrustDomain("cluster.local");
  private static final SpiffeId WEB = SpiffeId.workload(DOMAIN, "shop", "web");
  private static final Duration DAY = Duration.ofHours(24);

  @TempDir private Path folder;
  private final TestCa ca = new TestCa("mesh root");
  private final Queue<IstioCertificateRequest> asked = new ConcurrentLinkedQueue<>();
  private FakeControlPlane controlPlane;
  private NodeCertificates certificates;

  @BeforeEach
  void start() throws Exception {
    controlPlane = new FakeControlPlane(folder, ca);
    signing((request, key) -> chain(ca.workload(key, DAY, idOf(request))));
    certificates = connect(controlPlane.endpoint());
  }

  @AfterEach
  void stop() throws Exception {
    certificates.close();
    controlPlane.close();
  }

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

  @Test
  void missingTokenNamed() throws Exception {
    Files.delete(controlPlane.tokenFile());

    assertThatThrownBy(() -> get(WEB))
        .hasMessageContaining("token-file " + controlPlane.tokenFile())
        .hasMessageContaining("no such file");
  }

  private NodeCertificates connect(Endpoint endpoint) throws Exception {
    return new NodeCertificates(
        controlPlane.client(),
        endpoint,
        MeshTrust.only(DOMAIN),
        DAY,
        TlsEngine.AUTO,
        PostQuantum.PREFERRED);
  }

  private WorkloadCertificate get(SpiffeId id) throws Exception {
    return certificates.get(id).get(30, TimeUnit.SECONDS);
  }

  private WorkloadCertificate current() {
    return certificates.current(WEB).orElse(null);
  }

  private void signing(BiFunction<IstioCertificateRequest, PublicKey, List<String>> signer) {
    controlPlane.signWith(
        (request, answer) -> {
          asked.add(request);
          sign(request, answer, signer);
        });
  }

  private static void sign(
      IstioCertificateRequest request,
      StreamObserver<IstioCertificateResponse> answer,
      BiFunction<IstioCertificateRequest, PublicKey, List<String>> signer) {
    try {
      List<String> chain = signer.apply(request, keyOf(csr(request)));
      answer.onNext(IstioCertificateResponse.newBuilder().addAllCertChain(chain).build());
      answer.onCompleted();
    } catch (Exception e) {
      answer.onError(e);
    }
  }

  private List<String> chain(X509Certificate leaf) {
    return List.of(TestCa.pem(leaf), TestCa.pem(ca.root()));
  }

  private static String idOf(IstioCertificateRequest request) {
    return request.getMetadata().getFieldsOrThrow("ImpersonatedIdentity").getStringValue();
  }

  private static PKCS10CertificationRequest csr(IstioCertificateRequest request) throws Exception {
    try (PEMParser parser = new PEMParser(new StringReader(request.getCsr()))) {
      return (PKCS10CertificationRequest) parser.readObject();
    }
  }

  private static PublicKey keyOf(PKCS10CertificationRequest csr) throws Exception {
    return new JcaPEMKeyConverter().getPublicKey(csr.getSubjectPublicKeyInfo());
  }
}
