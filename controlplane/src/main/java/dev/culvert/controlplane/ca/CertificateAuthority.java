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
import java.util.function.Supplier;
import org.bouncycastle.asn1.x500.X500Name;
import org.bouncycastle.asn1.x509.GeneralName;
import org.bouncycastle.asn1.x509.KeyPurposeId;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Signs leaf certificates with the root, or an intermediate of it. Thread-safe. */
public final class CertificateAuthority {
  private static final Logger LOG = LoggerFactory.getLogger(CertificateAuthority.class);
  private static final X500Name NO_SUBJECT = new X500Name("");

  private final Supplier<Issuer> source;
  private final InstantSource clock;
  private volatile Issuer issuer;

  /**
   * @param source the issuer as it is now; one that is not whole is an exception, not a value
   */
  CertificateAuthority(Supplier<Issuer> source, InstantSource clock) {
    this(source, clock, source.get());
  }

  /**
   * @param first what the source was when it was asked before
   */
  CertificateAuthority(Supplier<Issuer> source, InstantSource clock, Issuer first) {
    this.source = source;
    this.clock = clock;
    this.issuer = first;
  }

  /** Whose identities are signed. */
  public TrustDomain trustDomain() {
    return issuer.trustDomain();
  }

  /** What verifies everything signed here; several while the root changes. */
  public List<X509Certificate> roots() {
    return issuer.roots();
  }

  /**
   * Looks whether the issuer was replaced; while its successor cannot be used, the old one signs.
   *
   * @throws dev.culvert.controlplane.state.ControlPlaneException when there is one that cannot
   */
  public synchronized void refresh() {
    Issuer next = source.get();
    if (next.equals(issuer)) {
      return;
    }
    if (!issuer.roots().contains(next.root())) {
      LOG.warn(
          "the new issuer's root was not trusted before: proxies refuse each other until they have"
              + " renewed; next time add the root to root-cert.pem one certificate-ttl earlier");
    }
    issuer = next;
    LOG.info("signs with the {}", next);
  }

  Issuer issuer() {
    return issuer;
  }

  /** An X509-SVID: a client and a server in the mesh. */
  SignedChain workload(PublicKey key, SpiffeId identity, Duration life) {
    Issuer signer = issuer;
    GeneralName uri = new GeneralName(GeneralName.uniformResourceIdentifier, identity.toString());
    CertificateDraft draft =
        draft(signer, key, life, NO_SUBJECT)
            .leaf(
                signer.certificate(), KeyPurposeId.id_kp_serverAuth, KeyPurposeId.id_kp_clientAuth)
            .names(true, List.of(uri));
    return new SignedChain(draft.sign(signer.key()), signer);
  }

  /** For a listener: no identity of the mesh, and nothing to be a client with. */
  SignedChain server(PublicKey key, List<GeneralName> names, Duration life) {
    Issuer signer = issuer;
    CertificateDraft draft =
        draft(signer, key, life, new X500Name("CN=Culvert control plane"))
            .leaf(signer.certificate(), KeyPurposeId.id_kp_serverAuth)
            .names(false, names);
    return new SignedChain(draft.sign(signer.key()), signer);
  }

  private CertificateDraft draft(Issuer signer, PublicKey key, Duration life, X500Name subject) {
    Instant now = clock.instant();
    Instant end = now.plus(life);
    Instant last = signer.end();
    X500Name name =
        X500Name.getInstance(signer.certificate().getSubjectX500Principal().getEncoded());
    return CertificateDraft.of(
        name, subject, key, now.minus(SelfSigned.SKEW), end.isAfter(last) ? last : end);
  }
}
