// SPDX-License-Identifier: Apache-2.0
package dev.culvert.cli.check;

import static org.assertj.core.api.Assertions.assertThat;

import java.math.BigInteger;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.time.Instant;
import java.util.Base64;
import java.util.Date;
import org.bouncycastle.asn1.x500.X500Name;
import org.bouncycastle.cert.jcajce.JcaX509v3CertificateBuilder;
import org.bouncycastle.operator.jcajce.JcaContentSignerBuilder;
import org.junit.jupiter.api.Test;

/** The mesh's root certificate. */
final class RootCheckTest extends ClusterCheckCase {
  @Test
  void rootThatIsNoneFails() {
    cluster.put(
        "configmaps",
        """
        apiVersion: v1
        kind: ConfigMap
        metadata: {name: culvert-ca-root-cert, namespace: culvert-system}
        data: {root-cert.pem: ""}
        """);
    assertFails("has no root", "restart the control plane");
  }

  @Test
  void rootsAreJudgedByTheirEnds() throws Exception {
    root(Instant.now().minusSeconds(60));
    assertFails("the root CN=mesh has ended at", "docs/controlplane.md");
    root(Instant.now().plusSeconds(86_400));
    assertWarns("the root CN=mesh ends at", "docs/controlplane.md");
    root(Instant.now().plusSeconds(40 * 86_400));
    assertThat(check().output()).contains("ok    the root CN=mesh is valid until");
  }

  @Test
  void rootThatIsNoCertificateFails() {
    root("-----BEGIN CERTIFICATE-----\\nAAAA\\n-----END CERTIFICATE-----");
    assertFails("the mesh's roots could not be looked at");
  }

  private void root(Instant end) throws Exception {
    KeyPair keys = KeyPairGenerator.getInstance("EC").generateKeyPair();
    X500Name name = new X500Name("CN=mesh");
    byte[] certificate =
        new JcaX509v3CertificateBuilder(
                name,
                BigInteger.ONE,
                Date.from(Instant.EPOCH),
                Date.from(end),
                name,
                keys.getPublic())
            .build(new JcaContentSignerBuilder("SHA256withECDSA").build(keys.getPrivate()))
            .getEncoded();
    root(
        "-----BEGIN CERTIFICATE-----\\n%s\\n-----END CERTIFICATE-----"
            .formatted(Base64.getEncoder().encodeToString(certificate)));
  }

  private void root(String pem) {
    cluster.put(
        "configmaps",
        """
        apiVersion: v1
        kind: ConfigMap
        metadata: {name: culvert-ca-root-cert, namespace: culvert-system}
        data: {root-cert.pem: "%s"}
        """
            .formatted(pem));
  }
}
