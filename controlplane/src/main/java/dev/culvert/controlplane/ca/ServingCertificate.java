// SPDX-License-Identifier: Apache-2.0
package dev.culvert.controlplane.ca;

import dev.culvert.controlplane.state.ControlPlaneException;
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
 * The control plane's own certificate: signed by the mesh's authority, renewed when half of its
 * life is over or another signs.
 */
public final class ServingCertificate {
  private static final Logger LOG = LoggerFactory.getLogger(ServingCertificate.class);

  private static final Duration PAUSE = Duration.ofSeconds(2);

  private final CertificateAuthority authority;
  private final List<GeneralName> names;
  private final Duration life;
  private final InstantSource clock;
  private final KeyPair pair = KeyPairs.generate();
  private final ServingKeys keys;
  private volatile Instant halfLife;
  private volatile Object signer;

  /**
   * @param names DNS names and IP addresses that clients call it by
   * @throws ControlPlaneException when the signer does not sign
   */
  public ServingCertificate(
      CertificateAuthority authority, List<String> names, Duration life, InstantSource clock) {
    this.authority = authority;
    this.names = names.stream().map(ServingCertificate::name).toList();
    this.life = life;
    this.clock = clock;
    this.keys = new ServingKeys(pair.getPrivate(), chain());
  }

  /**
   * The first certificate, waited for while the signer does not sign.
   *
   * @throws InterruptedException when interrupted meanwhile
   */
  public static ServingCertificate await(
      CertificateAuthority authority, List<String> names, Duration life, InstantSource clock)
      throws InterruptedException {
    while (true) {
      try {
        return new ServingCertificate(authority, names, life, clock);
      } catch (ControlPlaneException e) {
        LOG.warn("not serving yet: {}", e.getMessage());
      }
      Thread.sleep(PAUSE);
      refresh(authority);
    }
  }

  /** The remedy may be in what the authority reads. */
  private static void refresh(CertificateAuthority authority) {
    try {
      authority.refresh();
    } catch (ControlPlaneException e) {
      LOG.warn("the authority stays as it was: {}", e.getMessage());
    }
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
    if (clock.instant().isBefore(halfLife) && authority.signer().equals(signer)) {
      return;
    }
    keys.renew(chain());
    LOG.info("renewed the serving certificate until {}", keys.certificate().getNotAfter());
  }

  private X509Certificate[] chain() {
    Object asked = authority.signer();
    X509Certificate[] chain =
        authority.server(pair, names, life).withoutRoot().toArray(X509Certificate[]::new);
    signer = asked;
    halfLife = half(chain[0]);
    return chain;
  }

  /** A signer may give less life than it is asked for. */
  private Instant half(X509Certificate leaf) {
    Instant now = clock.instant();
    return now.plus(Duration.between(now, leaf.getNotAfter().toInstant()).dividedBy(2));
  }

  private static GeneralName name(String name) {
    boolean address = IPAddress.isValid(name);
    return new GeneralName(address ? GeneralName.iPAddress : GeneralName.dNSName, name);
  }
}
