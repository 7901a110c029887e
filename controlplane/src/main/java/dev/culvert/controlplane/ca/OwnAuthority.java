// SPDX-License-Identifier: Apache-2.0
package dev.culvert.controlplane.ca;

import dev.culvert.policy.spiffe.SpiffeId;
import dev.culvert.policy.spiffe.TrustDomain;
import java.security.KeyPair;
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

/** Signs with the root, or an intermediate of it. */
final class OwnAuthority extends CertificateAuthority {
  private static final Logger LOG = LoggerFactory.getLogger(OwnAuthority.class);
  private static final X500Name NO_SUBJECT = new X500Name("");

  private final Supplier<Issuer> source;
  private final InstantSource clock;
  private volatile Issuer issuer;

  /**
   * @param source the issuer as it is now; one that is not whole is an exception, not a value
   */
  OwnAuthority(Supplier<Issuer> source, InstantSource clock) {
    this(source, clock, source.get());
  }

  /**
   * @param first what the source was when it was asked before
   */
  OwnAuthority(Supplier<Issuer> source, InstantSource clock, Issuer first) {
    this.source = source;
    this.clock = clock;
    this.issuer = first;
  }

  @Override
  public TrustDomain trustDomain() {
    return issuer.trustDomain();
  }

  @Override
  public List<X509Certificate> roots() {
    return issuer.roots();
  }

  @Override
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

  @Override
  Object signer() {
    return issuer;
  }

  @Override
  Instant rootEnd() {
    return issuer.root().getNotAfter().toInstant();
  }

  @Override
  Instant chainEnd() {
    return issuer.end();
  }

  @Override
  SignedChain workload(SigningRequest request, SpiffeId identity, Duration life) {
    return workload(request.key(), identity, life);
  }

  SignedChain workload(PublicKey key, SpiffeId identity, Duration life) {
    Issuer signer = issuer;
    GeneralName uri = new GeneralName(GeneralName.uniformResourceIdentifier, identity.toString());
    CertificateDraft draft =
        draft(signer, key, life, NO_SUBJECT)
            .leaf(
                signer.certificate(), KeyPurposeId.id_kp_serverAuth, KeyPurposeId.id_kp_clientAuth)
            .names(true, List.of(uri));
    return signed(draft, signer);
  }

  @Override
  SignedChain server(KeyPair pair, List<GeneralName> names, Duration life) {
    Issuer signer = issuer;
    CertificateDraft draft =
        draft(signer, pair.getPublic(), life, new X500Name("CN=Culvert control plane"))
            .leaf(signer.certificate(), KeyPurposeId.id_kp_serverAuth)
            .names(false, names);
    return signed(draft, signer);
  }

  private static SignedChain signed(CertificateDraft draft, Issuer signer) {
    return new SignedChain(draft.sign(signer.key()), signer.intermediates(), signer.roots());
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
