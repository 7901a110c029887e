// SPDX-License-Identifier: Apache-2.0
package dev.culvert.controlplane.ca;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.culvert.controlplane.source.kubernetes.ApiServer;
import dev.culvert.controlplane.state.ControlPlaneException;
import dev.culvert.policy.spiffe.SpiffeId;
import dev.culvert.policy.spiffe.TrustDomain;
import io.fabric8.kubernetes.api.model.certificates.v1.CertificateSigningRequestBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyPair;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import org.bouncycastle.asn1.x509.GeneralName;
import org.bouncycastle.asn1.x509.KeyPurposeId;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(60)
class ClusterSignerTest {
  private static final TrustDomain DOMAIN = new TrustDomain("cluster.local");
  private static final SpiffeId WEB = SpiffeId.workload(DOMAIN, "shop", "web");
  private static final GeneralName WEB_NAME = uri(WEB.toString());
  private static final Duration LIFE = Duration.ofHours(24);

  @TempDir private Path folder;
  private Path roots;
  private ApiServer server;
  private KubernetesClient client;
  private ForeignAuthority root;
  private ForeignAuthority signer;
  private KeyPair keys;

  @BeforeEach
  void open() throws Exception {
    server = new ApiServer();
    client = server.client();
    roots = folder.resolve("roots.pem");
    root = ForeignAuthority.root("a company");
    signer = root.under("a cluster");
    keys = KeyPairs.generate();
    Files.writeString(roots, ForeignAuthority.pem(root));
  }

  @AfterEach
  void close() {
    client.close();
    server.close();
  }

  @Test
  void identityIsSignedByTheClusterAndTheRequestIsGone() throws Exception {
    ClusterSigner authority = authority(Duration.ofSeconds(30));
    try (var _ = somebody(request -> SomebodysSigner.signed(request, signer))) {
      SignedChain chain = workload(authority);
      assertThat(chain.withoutRoot()).hasSize(2).endsWith(signer.certificate());
      assertThat(chain.roots()).containsExactly(root.certificate());
      X509Certificate leaf = chain.leaf();
      assertThat(leaf.getPublicKey()).isEqualTo(keys.getPublic());
      assertThat(List.copyOf(leaf.getSubjectAlternativeNames()))
          .isEqualTo(List.of(List.of(6, WEB.toString())));
      assertThat(Duration.between(Instant.now(), leaf.getNotAfter().toInstant()))
          .isBetween(LIFE.minusMinutes(5), LIFE);
    }
    assertThat(client.certificates().v1().certificateSigningRequests().list().getItems()).isEmpty();
    assertThat(authority.chainEnd()).isEqualTo(end(signer.certificate()));
  }

  @Test
  void servingCertificateHasTheNamesOfTheControlPlane() throws Exception {
    try (var _ = somebody(request -> SomebodysSigner.signed(request, signer))) {
      ServingCertificate serving =
          new ServingCertificate(
              authority(Duration.ofSeconds(30)),
              List.of("plane.example", "fd00:c01::9"),
              Duration.ofHours(1),
              InstantSource.system());
      X509Certificate leaf = serving.keys().getCertificateChain("serving")[0];
      assertThat(leaf.getSubjectAlternativeNames().toString())
          .isEqualTo("[[2, plane.example], [7, fd00:c01:0:0:0:0:0:9]]");
      assertThat(leaf.getExtendedKeyUsage()).containsExactly("1.3.6.1.5.5.7.3.1");
    }
  }

  @Test
  void shortLifeIsWhatTheApiAllowsAtLeast() throws Exception {
    try (var _ = somebody(request -> SomebodysSigner.signed(request, signer))) {
      SignedChain chain =
          authority(Duration.ofSeconds(30)).workload(request(), WEB, Duration.ofSeconds(1));
      assertThat(chain.leaf().getNotAfter().toInstant()).isAfter(Instant.now().plusSeconds(500));
    }
  }

  @Test
  void certificateForAnotherKeyGoesToNobody() throws Exception {
    KeyPair other = KeyPairs.generate();
    refused(
        request -> SomebodysSigner.signed(request, signer, other.getPublic(), List.of(WEB_NAME)),
        "is for another key");
  }

  @Test
  void certificateForAnotherIdentityGoesToNobody() throws Exception {
    GeneralName admin = uri("spiffe://cluster.local/ns/shop/sa/admin");
    for (List<GeneralName> names :
        List.of(
            List.of(admin),
            List.of(WEB_NAME, admin),
            List.of(WEB_NAME, new GeneralName(GeneralName.dNSName, "plane.example")))) {
      refused(
          request -> SomebodysSigner.signed(request, signer, keys.getPublic(), names),
          "has other names than");
    }
  }

  @Test
  void certificateOfAnAuthorityGoesToNobody() throws Exception {
    ForeignAuthority ours = root.under("ours", keys);
    refused(
        request -> SomebodysSigner.withCertificates(request, ours.certificate()),
        "is of an authority");
  }

  @Test
  void certificateForServersOnlyGoesToNoWorkload() throws Exception {
    refused(
        request ->
            SomebodysSigner.withCertificates(
                request,
                SomebodysSigner.leaf(
                    signer,
                    keys.getPublic(),
                    List.of(WEB_NAME),
                    LIFE,
                    KeyPurposeId.id_kp_serverAuth),
                signer.certificate()),
        "has other extended key usages");
  }

  @Test
  void certificateThatNobodyTrustsGoesToNobody() throws Exception {
    ForeignAuthority stranger = ForeignAuthority.root("a stranger").under("a cluster");
    refused(request -> SomebodysSigner.signed(request, stranger), "leads to no root of 'ca-roots'");
    refused(
        request ->
            SomebodysSigner.withCertificates(
                request,
                SomebodysSigner.leaf(
                    signer,
                    keys.getPublic(),
                    List.of(WEB_NAME),
                    Duration.ofSeconds(-1),
                    KeyPurposeId.id_kp_serverAuth,
                    KeyPurposeId.id_kp_clientAuth),
                signer.certificate()),
        "leads to no root of 'ca-roots'");
    refused(
        request -> SomebodysSigner.with(request, "no certificate"),
        "its certificate holds no cert");
  }

  @Test
  void refusalOfTheSignerIsTold() throws Exception {
    refused(
        request ->
            new CertificateSigningRequestBuilder(request)
                .editStatus()
                .addNewCondition()
                .withType("Failed")
                .withStatus("True")
                .withReason("QuotaExceeded")
                .withMessage("come back tomorrow")
                .endCondition()
                .endStatus()
                .build(),
        "ca-signer example.com/mesh: does not sign: QuotaExceeded, come back tomorrow");
  }

  @Test
  void signerThatIsNotThereIsTold() {
    assertThatExceptionOfType(ControlPlaneException.class)
        .isThrownBy(() -> workload(authority(Duration.ofMillis(300))))
        .withMessageContaining("did not sign within 0 s")
        .withMessageContaining("look whether its controller runs");
  }

  @Test
  void rightThatIsMissingIsTold() {
    server.refuse("certificatesigningrequests", 403);
    assertThatExceptionOfType(ControlPlaneException.class)
        .isThrownBy(() -> workload(authority(Duration.ofSeconds(30))))
        .withMessageContaining("cannot be asked")
        .withMessageContaining("needs create, get, list, watch, delete");
  }

  @Test
  void rootsAreFollowedWhileTheirFileIsWhole() throws Exception {
    ClusterSigner authority = authority(Duration.ofSeconds(30));
    ForeignAuthority next = ForeignAuthority.root("the next");
    Files.writeString(roots, ForeignAuthority.pem(root, next));
    authority.refresh();
    assertThat(authority.roots()).containsExactly(root.certificate(), next.certificate());
    Files.writeString(roots, "-----BEGIN CERTIFICATE-----\n");
    assertThatExceptionOfType(ControlPlaneException.class)
        .isThrownBy(authority::refresh)
        .withMessageContaining(roots.toString());
    assertThat(authority.roots()).hasSize(2);
  }

  private void refused(SomebodysSigner.Answer answer, String message) {
    try (var _ = somebody(answer)) {
      assertThatExceptionOfType(ControlPlaneException.class)
          .isThrownBy(() -> workload(authority(Duration.ofSeconds(30))))
          .withMessageContaining(message);
    }
  }

  private SomebodysSigner somebody(SomebodysSigner.Answer answer) {
    return new SomebodysSigner(client, answer);
  }

  private ClusterSigner authority(Duration patience) {
    return new ClusterSigner(
        new ClusterRequests(client, SomebodysSigner.NAME, patience),
        roots,
        DOMAIN,
        InstantSource.system());
  }

  private SignedChain workload(ClusterSigner authority) {
    return authority.workload(request(), WEB, LIFE);
  }

  private SigningRequest request() {
    return new SigningRequest(keys.getPublic(), RequestDraft.pem(keys, List.of(WEB_NAME)));
  }

  private static Instant end(X509Certificate certificate) {
    return certificate.getNotAfter().toInstant();
  }

  private static GeneralName uri(String uri) {
    return new GeneralName(GeneralName.uniformResourceIdentifier, uri);
  }
}
