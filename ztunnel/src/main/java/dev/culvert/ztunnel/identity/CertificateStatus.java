// SPDX-License-Identifier: Apache-2.0
package dev.culvert.ztunnel.identity;

import dev.culvert.policy.spiffe.SpiffeId;
import java.security.cert.X509Certificate;
import java.util.List;
import java.util.Optional;

/**
 * What the node holds for one identity, for people who look.
 *
 * @param failure why the last attempt failed; empty after a success
 */
public record CertificateStatus(
    SpiffeId id, Optional<IssuedCertificate> issued, Optional<Throwable> failure) {

  /** {@code Available}, {@code Initializing}, or {@code Unavailable: CAUSE}. */
  public String state() {
    if (issued.isPresent()) {
      return "Available";
    }
    return failure.map(cause -> "Unavailable: " + cause.getMessage()).orElse("Initializing");
  }

  /** Leaf first, without the roots. */
  public List<X509Certificate> chain() {
    return issued.map(IssuedCertificate::chain).orElse(List.of());
  }

  /** What the chain leads to. */
  public List<X509Certificate> roots() {
    return issued.map(i -> List.copyOf(i.roots().certificates())).orElse(List.of());
  }
}
