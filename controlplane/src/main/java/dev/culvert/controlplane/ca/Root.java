// SPDX-License-Identifier: Apache-2.0
package dev.culvert.controlplane.ca;

import dev.culvert.policy.spiffe.TrustDomain;
import java.security.PrivateKey;
import java.security.cert.X509Certificate;

/**
 * What everybody in the mesh trusts.
 *
 * @param trustDomain whose identities it may sign
 * @param key ECDSA P-256; never leaves the process but for its file of mode 0600
 * @param certificate self-signed, 10 years
 */
record Root(TrustDomain trustDomain, PrivateKey key, X509Certificate certificate) {
  /** Says nothing of the key. */
  @Override
  public String toString() {
    return "root of " + trustDomain + " until " + certificate.getNotAfter().toInstant();
  }
}
