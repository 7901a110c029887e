// SPDX-License-Identifier: Apache-2.0
package dev.culvert.controlplane;

import static dev.culvert.controlplane.Requests.csr;
import static dev.culvert.controlplane.Requests.keys;
import static dev.culvert.controlplane.Requests.request;
import static dev.culvert.controlplane.Requests.uri;
import static dev.culvert.controlplane.TestPlane.DB;
import static dev.culvert.controlplane.TestPlane.WEB;
import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.culvert.policy.spiffe.SpiffeId;
import dev.culvert.policy.wire.ca.IstioCertificateRequest;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import java.io.ByteArrayInputStream;
import java.nio.file.Path;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.bouncycastle.asn1.x509.GeneralName;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class CertificateServiceTest {
  private static TestPlane plane;
  private static TestClient one;

  @BeforeAll
  static void start(@TempDir Path folder) throws Exception {
    plane = new TestPlane(folder);
    one = plane.client("one");
  }

  @AfterAll
  static void stop() {
    one.close();
    plane.close();
  }

  @Test
  void identityOfOwnPodIsSigned() throws Exception {
    KeyPair keys = keys("secp256r1");
    List<X509Certificate> chain = issue(request(WEB, csr(keys, "", false, List.of(uri(WEB)))));

    X509Certificate leaf = chain.getFirst();
    assertThat(chain).hasSize(2);
    assertThat(leaf.getPublicKey()).isEqualTo(keys.getPublic());
    leaf.verify(chain.get(1).getPublicKey());
    assertThat(List.copyOf(leaf.getSubjectAlternativeNames()))
        .isEqualTo(List.of(List.of(6, WEB.toString())));
    assertThat(leaf.getSubjectX500Principal().getName()).isEmpty();
    assertThat(leaf.getBasicConstraints()).isEqualTo(-1);
    assertThat(leaf.getKeyUsage()).startsWith(true, false, false, false, false, false, false);
    assertThat(leaf.getExtendedKeyUsage())
        .containsExactly("1.3.6.1.5.5.7.3.1", "1.3.6.1.5.5.7.3.2");
    assertThat(leaf.getNonCriticalExtensionOIDs()).contains("2.5.29.14", "2.5.29.35");
    assertThat(leaf.getCriticalExtensionOIDs()).contains("2.5.29.17", "2.5.29.15", "2.5.29.19");
    assertThat(leaf.getSerialNumber().signum()).isPositive();
    assertThat(life(leaf)).isEqualTo(TestPlane.LIFE.plusMinutes(2));
  }

  @Test
  void strongerCurveIsSigned() throws Exception {
    KeyPair keys = keys("secp384r1");
    assertThat(issue(request(WEB, csr(keys, "", false, List.of(uri(WEB)))))).hasSize(2);
  }

  @Test
  void requestedLifeIsClamped() throws Exception {
    assertThat(life(issue(forSeconds(600)).getFirst())).isEqualTo(Duration.ofMinutes(12));
    Duration longest = TestPlane.LIFE.plusMinutes(2);
    for (long seconds : new long[] {0, -1, Long.MIN_VALUE, 999_999_999, Long.MAX_VALUE}) {
      assertThat(life(issue(forSeconds(seconds)).getFirst())).isEqualTo(longest);
    }
  }

  @Test
  void serialsDiffer() throws Exception {
    assertThat(issue(forSeconds(0)).getFirst().getSerialNumber())
        .isNotEqualTo(issue(forSeconds(0)).getFirst().getSerialNumber());
  }

  @Test
  void identityOfOtherNodeRefused() throws Exception {
    refused(
        one,
        good(DB),
        Status.Code.PERMISSION_DENIED,
        "no pod on node one has identity spiffe://cluster.local/ns/shop/sa/db");
  }

  @Test
  void identityOfOtherTrustDomainRefused() throws Exception {
    refused(
        one,
        good(SpiffeId.parse("spiffe://elsewhere/ns/shop/sa/web")),
        Status.Code.PERMISSION_DENIED,
        "is not of trust domain cluster.local");
  }

  @Test
  void missingTokenRefused() throws Exception {
    try (TestClient nobody = plane.clientWithToken("")) {
      refused(nobody, good(WEB), Status.Code.UNAUTHENTICATED, "no bearer token");
    }
  }

  @Test
  void wrongTokenRefused() throws Exception {
    try (TestClient liar = plane.clientWithToken("x".repeat(43))) {
      refused(liar, good(WEB), Status.Code.UNAUTHENTICATED, "the bearer token is of no node");
    }
  }

  @Test
  void signatureOfAnotherKeyRefused() throws Exception {
    String stolen =
        csr(keys("secp256r1"), keys("secp256r1").getPrivate(), "", false, List.of(uri(WEB)));
    refused(stolen, "signature is not by the key it holds");
  }

  @Test
  void extraNamesRefused() throws Exception {
    GeneralName dns = new GeneralName(GeneralName.dNSName, "web.shop.svc");
    refused(csr(keys("secp256r1"), "", false, List.of(uri(WEB), dns)), "exactly one name");
    refused(csr(keys("secp256r1"), "", false, List.of(uri(WEB), uri(DB))), "exactly one name");
    refused(csr(keys("secp256r1"), "", false, List.of(uri(DB))), "the URI " + WEB);
    refused(csr(keys("secp256r1"), "", false, List.of(dns)), "the URI " + WEB);
    refused(csr(keys("secp256r1"), "", false, List.of()), "the URI " + WEB);
  }

  @Test
  void subjectRefused() throws Exception {
    refused(csr(keys("secp256r1"), "CN=web", false, List.of(uri(WEB))), "subject must be empty");
  }

  @Test
  void authorityRefused() throws Exception {
    refused(
        csr(keys("secp256r1"), "", true, List.of(uri(WEB))), "asks to be a certificate authority");
  }

  @Test
  void otherKeyKindsRefused() throws Exception {
    KeyPair rsa = KeyPairGenerator.getInstance("RSA").generateKeyPair();
    refused(csr(rsa, "", false, List.of(uri(WEB))), "must be ECDSA on P-256 or P-384");
    refused(
        csr(keys("secp521r1"), "", false, List.of(uri(WEB))), "must be ECDSA on P-256 or P-384");
  }

  @Test
  void hugeRequestRefused() throws Exception {
    refused("x".repeat(8 * 1024 + 1), "longer than 8192 characters");
    List<GeneralName> names = new ArrayList<>();
    for (int i = 0; i < 2_000; i++) {
      names.add(uri(WEB));
    }
    refused(csr(keys("secp256r1"), "", false, names), "longer than 8192 characters");
  }

  @Test
  void garbageRefused() throws Exception {
    String whole = csr(keys("secp256r1"), "", false, List.of(uri(WEB)));
    refused("", "cannot be read");
    refused("\u0000\uffff garbage", "cannot be read");
    refused(whole.substring(0, whole.length() / 2), "cannot be read");
    refused(whole + whole, "more than one PEM block");
    refused(whole.replace("CERTIFICATE REQUEST", "CERTIFICATE"), "PEM block of");
    for (byte[] der : new byte[][] {{}, {0x30}, {0x30, 0x03, 1, 1, 1}, new byte[4000]}) {
      refused(Requests.pem("CERTIFICATE REQUEST", der), "the CSR");
    }
  }

  @Test
  void anyChangedByteRefused() throws Exception {
    String whole = csr(keys("secp256r1"), "", false, List.of(uri(WEB)));
    byte[] der = java.util.Base64.getMimeDecoder().decode(whole.replaceAll("-----[^-]+-----", ""));
    for (int i = 0; i < der.length; i++) {
      byte[] broken = der.clone();
      broken[i] ^= 0x41;
      refused(Requests.pem("CERTIFICATE REQUEST", broken), "CSR");
    }
  }

  @Test
  void missingIdentityRefused() throws Exception {
    String csr = csr(keys("secp256r1"), "", false, List.of(uri(WEB)));
    refused(
        one,
        IstioCertificateRequest.newBuilder().setCsr(csr).build(),
        Status.Code.INVALID_ARGUMENT,
        "ImpersonatedIdentity must hold");
    refused(
        one, request("web\n\u0007", csr), Status.Code.INVALID_ARGUMENT, "must start with spiffe");
  }

  private static IstioCertificateRequest good(SpiffeId identity) throws Exception {
    return request(identity, csr(keys("secp256r1"), "", false, List.of(uri(identity))));
  }

  private static IstioCertificateRequest forSeconds(long seconds) throws Exception {
    return good(WEB).toBuilder().setValidityDuration(seconds).build();
  }

  private static Duration life(X509Certificate certificate) {
    Instant from = certificate.getNotBefore().toInstant();
    return Duration.between(from, certificate.getNotAfter().toInstant());
  }

  private static List<X509Certificate> issue(IstioCertificateRequest request) throws Exception {
    List<X509Certificate> chain = new ArrayList<>();
    for (String pem : one.certificates().createCertificate(request).getCertChainList()) {
      chain.add(
          (X509Certificate)
              CertificateFactory.getInstance("X.509")
                  .generateCertificate(new ByteArrayInputStream(pem.getBytes(US_ASCII))));
    }
    return chain;
  }

  private static void refused(String csr, String message) {
    refused(one, request(WEB, csr), Status.Code.INVALID_ARGUMENT, message);
  }

  private static void refused(
      TestClient client, IstioCertificateRequest request, Status.Code code, String message) {
    assertThatExceptionOfType(StatusRuntimeException.class)
        .isThrownBy(() -> client.certificates().createCertificate(request))
        .satisfies(e -> assertThat(e.getStatus().getCode()).isEqualTo(code))
        .satisfies(e -> assertThat(e.getStatus().getDescription()).contains(message));
  }
}
