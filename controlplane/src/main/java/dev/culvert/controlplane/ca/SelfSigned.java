// SPDX-License-Identifier: Apache-2.0
package dev.culvert.controlplane.ca;

import dev.culvert.policy.spiffe.TrustDomain;
import java.security.KeyPair;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.bouncycastle.asn1.x500.X500Name;
import org.bouncycastle.asn1.x500.X500NameBuilder;
import org.bouncycastle.asn1.x500.style.BCStyle;
import org.bouncycastle.asn1.x509.GeneralName;

/** Makes roots. */
final class SelfSigned {
  /** Clocks of nodes differ a little; a certificate is valid this much before it is made. */
  static final Duration SKEW = Duration.ofMinutes(2);

  private static final Duration LIFE = Duration.ofDays(3650);

  private SelfSigned() {}

  /** The URI of the trust domain is in it as X509-SVID, section 4.2, wants of signers. */
  static Issuer root(TrustDomain trustDomain, Instant now) {
    KeyPair pair = KeyPairs.generate();
    X500Name name =
        new X500NameBuilder()
            .addRDN(BCStyle.O, trustDomain.name())
            .addRDN(BCStyle.CN, "Culvert root")
            .build();
    CertificateDraft draft =
        CertificateDraft.of(name, name, pair.getPublic(), now.minus(SKEW), now.plus(LIFE))
            .authority()
            .names(false, List.of(uri(trustDomain)));
    return Issuer.root(trustDomain, pair.getPrivate(), draft.sign(pair.getPrivate()));
  }

  static GeneralName uri(TrustDomain trustDomain) {
    return new GeneralName(GeneralName.uniformResourceIdentifier, "spiffe://" + trustDomain.name());
  }
}
