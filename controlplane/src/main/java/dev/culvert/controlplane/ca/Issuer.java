// SPDX-License-Identifier: Apache-2.0
package dev.culvert.controlplane.ca;

import dev.culvert.policy.spiffe.TrustDomain;
import java.security.PrivateKey;
import java.security.cert.X509Certificate;
import java.time.Instant;
import java.util.List;
import java.util.stream.Stream;

/**
 * Who signs, and what everybody in the mesh trusts.
 *
 * @param trustDomain whose identities it may sign
 * @param key never leaves the process but for its file
 * @param certificate the signer's own: a root, or one that leads to it
 * @param intermediates from {@code certificate} up, without the root; none when it is the root
 * @param root where the chain ends
 * @param roots all that are trusted, {@code root} among them; several while the root changes
 */
record Issuer(
    TrustDomain trustDomain,
    PrivateKey key,
    X509Certificate certificate,
    List<X509Certificate> intermediates,
    X509Certificate root,
    List<X509Certificate> roots) {

  Issuer {
    intermediates = List.copyOf(intermediates);
    roots = List.copyOf(roots);
  }

  /** A root that signs by itself. */
  static Issuer root(TrustDomain trustDomain, PrivateKey key, X509Certificate certificate) {
    return new Issuer(trustDomain, key, certificate, List.of(), certificate, List.of(certificate));
  }

  /** The first end among the certificates of its chain; nothing that it signs lives longer. */
  Instant end() {
    return Stream.concat(intermediates.stream(), Stream.of(root))
        .map(certificate -> certificate.getNotAfter().toInstant())
        .min(Instant::compareTo)
        .orElseThrow();
  }

  /** Says nothing of the key. */
  @Override
  public String toString() {
    return (intermediates.isEmpty() ? "root" : "intermediate")
        + " of %s until %s; %d trusted".formatted(trustDomain, end(), roots.size());
  }
}
