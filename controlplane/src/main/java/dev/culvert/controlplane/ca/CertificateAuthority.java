// SPDX-License-Identifier: Apache-2.0
package dev.culvert.controlplane.ca;

import dev.culvert.policy.spiffe.SpiffeId;
import dev.culvert.policy.spiffe.TrustDomain;
import java.security.PublicKey;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import org.bouncycastle.asn1.x500.X500Name;
import org.bouncycastle.asn1.x509.GeneralName;
import org.bouncycastle.asn1.x509.KeyPurposeId;

/** Signs leaf certificates with the root. Thread-safe. */
public final class CertificateAuthority {
  private static final X500Name NO_SUBJECT = new X500Name("");

  private final Root root;
  private final X500Name issuer;
  private final InstantSource clock;

  CertificateAuthority(Root root, InstantSource clock) {
    this.root = root;
    this.issuer = X500Name.getInstance(root.certificate().getSubjectX500Principal().getEncoded());
    this.clock = clock;
  }

  /** Whose identities are signed. */
  public TrustDomain trustDomain() {
    return root.trustDomain();
  }

  /** What verifies everything signed here. */
  public X509Certificate rootCertificate() {
    return root.certificate();
  }

  /** An X509-SVID: a client and a server in the mesh. */
  X509Certificate workload(PublicKey key, SpiffeId identity, Duration life) {
    GeneralName uri = new GeneralName(GeneralName.uniformResourceIdentifier, identity.toString());
    return draft(key, life, NO_SUBJECT)
        .leaf(root.certificate(), KeyPurposeId.id_kp_serverAuth, KeyPurposeId.id_kp_clientAuth)
        .names(true, List.of(uri))
        .sign(root.key());
  }

  /** For a listener: no identity of the mesh, and nothing to be a client with. */
  X509Certificate server(PublicKey key, List<GeneralName> names, Duration life) {
    return draft(key, life, new X500Name("CN=Culvert control plane"))
        .leaf(root.certificate(), KeyPurposeId.id_kp_serverAuth)
        .names(false, names)
        .sign(root.key());
  }

  private CertificateDraft draft(PublicKey key, Duration life, X500Name subject) {
    Instant now = clock.instant();
    Instant end = now.plus(life);
    Instant last = root.certificate().getNotAfter().toInstant();
    return CertificateDraft.of(
        issuer, subject, key, now.minus(SelfSigned.SKEW), end.isAfter(last) ? last : end);
  }
}
