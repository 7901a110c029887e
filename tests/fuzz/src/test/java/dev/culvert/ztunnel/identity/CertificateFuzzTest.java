// SPDX-License-Identifier: Apache-2.0
package dev.culvert.ztunnel.identity;

import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;
import dev.culvert.fuzz.Allocation;
import dev.culvert.policy.spiffe.SpiffeId;
import dev.culvert.policy.spiffe.TrustDomain;
import java.io.ByteArrayInputStream;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.cert.CertificateException;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.time.Clock;
import java.time.Instant;
import java.util.List;
import javax.net.ssl.SSLPeerUnverifiedException;

/** Certificates and lists that others made. */
class CertificateFuzzTest {
  private static final SpiffeId ASKED =
      SpiffeId.workload(new TrustDomain("cluster.local"), "shop", "web");
  private static final CertificateRequest REQUEST = CertificateRequest.forIdentity(ASKED);

  /** A leaf in DER: its identity is a whole SPIFFE id, or it has none. */
  @FuzzTest
  void identityOfALeaf(byte[] der) throws GeneralSecurityException {
    X509Certificate leaf;
    try {
      leaf = certificate(der);
    } catch (CertificateException e) {
      return;
    }
    try {
      SpiffeId id = Allocation.bounded(der, () -> PeerIdentity.of(leaf));
      assertThat(SpiffeId.parse(id.toString())).isEqualTo(id);
    } catch (SSLPeerUnverifiedException e) {
      assertThat(e.getMessage()).startsWith("the peer's certificate");
    }
  }

  /** Nobody but a root of the mesh makes a chain that counts. */
  @FuzzTest
  void chainWithoutARoot(byte[] der) {
    MeshRoots roots =
        new MeshRoots(
            List.of(), MeshTrust.only(new TrustDomain("cluster.local")), Clock.systemUTC());
    try {
      SpiffeId proven = Allocation.bounded(der, () -> roots.verify(List.of(certificate(der))));
      throw new AssertionError("a stranger proved " + proven);
    } catch (CertificateException e) {
      assertThat(e.getMessage()).isNotBlank();
    }
  }

  @FuzzTest
  void revocationLists(byte[] content) {
    try {
      RevocationLists lists = Allocation.bounded(content, () -> RevocationLists.parse(content));
      assertThat(lists.size()).isPositive();
      assertThat(lists.outdated(Instant.EPOCH)).hasSizeLessThanOrEqualTo(lists.size());
    } catch (GeneralSecurityException e) {
      assertThat(e.getMessage()).isNotBlank();
    }
  }

  /** The CA's answer: nothing that was not signed for this very key is ever taken. */
  @FuzzTest
  void answerOfTheCa(byte[] input) {
    String text = new String(input, StandardCharsets.ISO_8859_1);
    int middle = Math.max(0, text.indexOf('|'));
    List<String> answer = List.of(text.substring(0, middle), text.substring(middle));
    try {
      IssuedCertificate issued =
          Allocation.bounded(
              input,
              () ->
                  IssuedCertificate.of(
                      REQUEST, answer, MeshTrust.only(ASKED.trustDomain()), Clock.systemUTC()));
      throw new AssertionError("taken: " + issued.chain());
    } catch (CertificateException e) {
      assertThat(e.getMessage()).isNotBlank();
    }
  }

  private static X509Certificate certificate(byte[] der) throws CertificateException {
    return (X509Certificate)
        CertificateFactory.getInstance("X.509").generateCertificate(new ByteArrayInputStream(der));
  }
}
