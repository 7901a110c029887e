// SPDX-License-Identifier: Apache-2.0
package dev.culvert.ztunnel.identity;

import dev.culvert.policy.spiffe.SpiffeId;
import dev.culvert.policy.spiffe.TrustDomain;
import dev.culvert.policy.wire.ca.IstioCertificateRequest;
import dev.culvert.policy.wire.ca.IstioCertificateResponse;
import dev.culvert.ztunnel.controlplane.Endpoint;
import dev.culvert.ztunnel.peers.FakeControlPlane;
import dev.culvert.ztunnel.peers.TestCa;
import io.grpc.stub.StreamObserver;
import java.io.StringReader;
import java.nio.file.Path;
import java.security.PublicKey;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;
import java.util.function.BiFunction;
import org.bouncycastle.openssl.PEMParser;
import org.bouncycastle.openssl.jcajce.JcaPEMKeyConverter;
import org.bouncycastle.pkcs.PKCS10CertificationRequest;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.io.TempDir;

/** A node that asks a played control plane for the certificates of its pods. */
abstract class NodeCertificatesCase {
  static final TrustDomain DOMAIN = new TrustDomain("cluster.local");
  static final SpiffeId WEB = SpiffeId.workload(DOMAIN, "shop", "web");
  static final Duration DAY = Duration.ofHours(24);

  @TempDir Path folder;
  final TestCa ca = new TestCa("mesh root");
  final Queue<IstioCertificateRequest> asked = new ConcurrentLinkedQueue<>();
  FakeControlPlane controlPlane;
  NodeCertificates certificates;

  @BeforeEach
  final void start() throws Exception {
    controlPlane = new FakeControlPlane(folder, ca);
    signing((request, key) -> chain(ca.workload(key, DAY, idOf(request))));
    certificates = connect(controlPlane.endpoint());
  }

  @AfterEach
  final void stop() throws Exception {
    certificates.close();
    controlPlane.close();
  }

  final NodeCertificates connect(Endpoint endpoint) throws Exception {
    return new NodeCertificates(
        controlPlane.client(),
        endpoint,
        MeshTrust.only(DOMAIN),
        DAY,
        TlsEngine.AUTO,
        PostQuantum.PREFERRED);
  }

  final WorkloadCertificate get(SpiffeId id) throws Exception {
    return certificates.get(id).get(30, TimeUnit.SECONDS);
  }

  final WorkloadCertificate current() {
    return certificates.current(WEB).orElse(null);
  }

  final void signing(BiFunction<IstioCertificateRequest, PublicKey, List<String>> signer) {
    controlPlane.signWith(
        (request, answer) -> {
          asked.add(request);
          sign(request, answer, signer);
        });
  }

  static void sign(
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

  final List<String> chain(X509Certificate leaf) {
    return List.of(TestCa.pem(leaf), TestCa.pem(ca.root()));
  }

  static String idOf(IstioCertificateRequest request) {
    return request.getMetadata().getFieldsOrThrow("ImpersonatedIdentity").getStringValue();
  }

  static PKCS10CertificationRequest csr(IstioCertificateRequest request) throws Exception {
    try (PEMParser parser = new PEMParser(new StringReader(request.getCsr()))) {
      return (PKCS10CertificationRequest) parser.readObject();
    }
  }

  static PublicKey keyOf(PKCS10CertificationRequest csr) throws Exception {
    return new JcaPEMKeyConverter().getPublicKey(csr.getSubjectPublicKeyInfo());
  }
}
