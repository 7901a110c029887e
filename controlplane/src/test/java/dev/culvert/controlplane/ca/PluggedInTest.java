// SPDX-License-Identifier: Apache-2.0
package dev.culvert.controlplane.ca;

import static dev.culvert.controlplane.ca.ForeignAuthority.LONG;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.culvert.controlplane.ca.ForeignAuthority.Limits;
import dev.culvert.controlplane.state.ControlPlaneException;
import dev.culvert.policy.spiffe.SpiffeId;
import dev.culvert.policy.spiffe.TrustDomain;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PluggedInTest {
  private static final TrustDomain DOMAIN = new TrustDomain("cluster.local");
  private static final SpiffeId WEB = SpiffeId.workload(DOMAIN, "shop", "web");
  private static final ForeignAuthority[] NONE = {};

  @TempDir private Path folder;
  private ForeignAuthority root;
  private ForeignAuthority signer;

  @BeforeEach
  void plugIn() throws Exception {
    root = ForeignAuthority.root("company");
    signer = root.under("mesh");
    signer.plugInto(folder, NONE, root);
  }

  @Test
  void intermediateSignsAndIsSentAlong() throws Exception {
    SignedChain chain = web(open());
    assertThat(chain.withoutRoot()).containsExactly(chain.leaf(), signer.certificate());
    chain.leaf().verify(signer.keys().getPublic());
    assertThat(chain.roots()).containsExactly(root.certificate());
  }

  @Test
  void everyIntermediateIsSentAndNoRoot() throws Exception {
    ForeignAuthority lower = signer.under("cluster", new Limits(LONG, 0, "", true));
    lower.plugInto(folder, new ForeignAuthority[] {signer, root}, root);
    SignedChain chain = web(open());
    assertThat(chain.withoutRoot())
        .containsExactly(chain.leaf(), lower.certificate(), signer.certificate());
  }

  @Test
  void rootThatSignsByItselfIsNotSent() throws Exception {
    root.plugInto(folder, NONE, root);
    SignedChain chain = web(open());
    assertThat(chain.withoutRoot()).containsExactly(chain.leaf());
  }

  @Test
  void rsaKeyInOpensslsOwnFormSigns() throws Exception {
    ForeignAuthority rsa = ForeignAuthority.rsaRoot("old");
    rsa.plugInto(folder, NONE, rsa);
    assertThat(rsa.keyPem()).contains("RSA PRIVATE KEY");
    web(open()).leaf().verify(rsa.keys().getPublic());
  }

  @Test
  void leafEndsWithTheFirstOfItsChain() throws Exception {
    Limits hour = new Limits(Duration.ofHours(1), 0, "", true);
    ForeignAuthority brief = root.under("brief", hour);
    brief.plugInto(folder, NONE, root);
    assertThat(web(open()).leaf().getNotAfter()).isEqualTo(brief.certificate().getNotAfter());
  }

  @Test
  void rootChangesInThreeSteps() throws Exception {
    CertificateAuthority authority = open();
    ForeignAuthority nextRoot = ForeignAuthority.root("next company");
    ForeignAuthority next = nextRoot.under("next mesh");

    signer.plugInto(folder, NONE, root, nextRoot);
    authority.refresh();
    assertThat(authority.roots()).containsExactly(root.certificate(), nextRoot.certificate());
    assertThat(signerOf(authority)).isEqualTo(signer.certificate());

    next.plugInto(folder, NONE, root, nextRoot);
    authority.refresh();
    assertThat(authority.roots()).containsExactly(root.certificate(), nextRoot.certificate());
    assertThat(signerOf(authority)).isEqualTo(next.certificate());

    next.plugInto(folder, NONE, nextRoot);
    authority.refresh();
    assertThat(authority.roots()).containsExactly(nextRoot.certificate());
  }

  @Test
  void oldSignerGoesOnWhileFilesDoNotFit() throws Exception {
    CertificateAuthority authority = open();
    ForeignAuthority next = root.under("next mesh");
    Files.writeString(folder.resolve(PluggedIn.CERTIFICATE), ForeignAuthority.pem(next));
    assertThatExceptionOfType(ControlPlaneException.class)
        .isThrownBy(authority::refresh)
        .withMessageContaining("ca-key.pem: is not the key of ca-cert.pem");
    assertThat(signerOf(authority)).isEqualTo(signer.certificate());

    next.plugInto(folder, NONE, root);
    authority.refresh();
    assertThat(signerOf(authority)).isEqualTo(next.certificate());
  }

  @Test
  void servingCertificateFollowsTheSigner() throws Exception {
    CertificateAuthority authority = open();
    ServingCertificate serving =
        new ServingCertificate(
            authority, List.of("localhost"), Duration.ofHours(1), InstantSource.system());
    assertThat(served(serving)[1]).isEqualTo(signer.certificate());

    ForeignAuthority next = root.under("next mesh");
    next.plugInto(folder, NONE, root);
    authority.refresh();
    serving.renewWhenDue();
    assertThat(served(serving)[1]).isEqualTo(next.certificate());
  }

  @Test
  void missingFileRefused() throws Exception {
    for (String name :
        List.of(PluggedIn.CERTIFICATE, PluggedIn.KEY, PluggedIn.CHAIN, PluggedIn.ROOTS)) {
      signer.plugInto(folder, NONE, root);
      Files.delete(folder.resolve(name));
      refused(name + ": cannot be read");
    }
  }

  @Test
  void garbledFileRefused() throws Exception {
    for (String name :
        List.of(PluggedIn.CERTIFICATE, PluggedIn.KEY, PluggedIn.CHAIN, PluggedIn.ROOTS)) {
      signer.plugInto(folder, NONE, root);
      for (String garbled : List.of(third(name), "garbage", "")) {
        Files.writeString(folder.resolve(name), garbled);
        refused(name + ": ");
      }
    }
  }

  @Test
  void twoSignersRefused() throws Exception {
    Files.writeString(folder.resolve(PluggedIn.CERTIFICATE), ForeignAuthority.pem(signer, root));
    refused("ca-cert.pem: holds 2 certificates; leave only the signer's");
  }

  @Test
  void chainToNoTrustedRootRefused() throws Exception {
    signer.plugInto(folder, NONE, ForeignAuthority.root("somebody else"));
    refused("no peer would trust what it signs for cluster.local");
  }

  @Test
  void gapInTheChainRefused() throws Exception {
    signer.under("cluster", new Limits(LONG, 0, "", true)).plugInto(folder, NONE, root);
    refused("make cert-chain.pem lead from it to a root in root-cert.pem");
  }

  @Test
  void expiredSignerRefused() throws Exception {
    Limits over = new Limits(Duration.ofDays(-1), 0, "", true);
    root.under("late", over).plugInto(folder, NONE, root);
    refused("no peer would trust");
  }

  @Test
  void signerThatIsNoAuthorityRefused() throws Exception {
    root.under("leaf", new Limits(LONG, 0, "", false)).plugInto(folder, NONE, root);
    refused("no peer would trust");
  }

  @Test
  void signerBelowTheLastAllowedLevelRefused() throws Exception {
    ForeignAuthority last = root.under("last", new Limits(LONG, 0, "", true));
    ForeignAuthority surplus = last.under("surplus", new Limits(LONG, 0, "", true));
    surplus.plugInto(folder, new ForeignAuthority[] {last}, root);
    refused("no peer would trust");
  }

  @Test
  void signerConstrainedToAnotherTrustDomainRefused() throws Exception {
    root.under("other", new Limits(LONG, 0, "elsewhere", true)).plugInto(folder, NONE, root);
    refused("no peer would trust what it signs for cluster.local");
    root.under("own", new Limits(LONG, 0, "cluster.local", true)).plugInto(folder, NONE, root);
    assertThat(web(open()).withoutRoot()).hasSize(2);
  }

  private String third(String name) throws Exception {
    String whole = Files.readString(folder.resolve(name));
    return whole.substring(0, whole.length() / 3);
  }

  private void refused(String message) {
    assertThatExceptionOfType(ControlPlaneException.class)
        .isThrownBy(this::open)
        .withMessageStartingWith(folder.toString())
        .withMessageContaining(message);
  }

  private CertificateAuthority open() {
    return PluggedIn.open(folder, DOMAIN, InstantSource.system());
  }

  private static SignedChain web(CertificateAuthority authority) {
    SigningRequest request = new SigningRequest(KeyPairs.generate().getPublic(), "");
    return authority.workload(request, WEB, Duration.ofHours(24));
  }

  private static X509Certificate signerOf(CertificateAuthority authority) {
    return web(authority).withoutRoot().get(1);
  }

  private static X509Certificate[] served(ServingCertificate serving) {
    return serving.keys().getCertificateChain("serving");
  }
}
