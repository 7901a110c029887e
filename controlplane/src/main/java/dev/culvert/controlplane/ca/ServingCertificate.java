// SPDX-License-Identifier: Apache-2.0
package dev.culvert.controlplane.ca;

import java.security.KeyPair;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import javax.net.ssl.X509ExtendedKeyManager;
import org.bouncycastle.asn1.x509.GeneralName;
import org.bouncycastle.util.IPAddress;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The control plane's own certificate: signed by the mesh's own authority, renewed when half of its
 * life is over or another signs.
 */
public final class ServingCertificate {
  private static final Logger LOG = LoggerFactory.getLogger(ServingCertificate.class);

  private final CertificateAuthority authority;
  private final List<GeneralName> names;
  private final Duration life;
  private final InstantSource clock;
  private final KeyPair pair = KeyPairs.generate();
  private final ServingKeys keys;
  private volatile Instant halfLife;
  private volatile Issuer issuer;

  /**
   * @param names DNS names and IP addresses that clients call it by
   */
  public ServingCertificate(
      CertificateAuthority authority, List<String> names, Duration life, InstantSource clock) {
    this.authority = authority;
    this.names = names.stream().map(ServingCertificate::name).toList();
    this.life = life;
    this.clock = clock;
    this.keys = new ServingKeys(pair.getPrivate(), chain());
  }

  /** For the listener's TLS context; follows every renewal. */
  public X509ExtendedKeyManager keys() {
    return keys;
  }

  /** When what is served now ends. */
  Instant end() {
    return keys.certificate().getNotAfter().toInstant();
  }

  /** Makes a new certificate if half of the current one's life is over or the issuer changed. */
  public synchronized void renewWhenDue() {
    if (clock.instant().isBefore(halfLife) && authority.issuer().equals(issuer)) {
      return;
    }
    keys.renew(chain());
    LOG.info("renewed the serving certificate until {}", keys.certificate().getNotAfter());
  }

  private X509Certificate[] chain() {
    halfLife = clock.instant().plus(life.dividedBy(2));
    SignedChain signed = authority.server(pair.getPublic(), names, life);
    issuer = signed.issuer();
    return signed.withoutRoot().toArray(X509Certificate[]::new);
  }

  private static GeneralName name(String name) {
    boolean address = IPAddress.isValid(name);
    return new GeneralName(address ? GeneralName.iPAddress : GeneralName.dNSName, name);
  }
}
