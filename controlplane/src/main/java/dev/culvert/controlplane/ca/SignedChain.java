// SPDX-License-Identifier: Apache-2.0
package dev.culvert.controlplane.ca;

import java.security.cert.X509Certificate;
import java.util.List;
import java.util.stream.Stream;

/**
 * A signed certificate and what verifies it.
 *
 * @param issuer who signed it
 */
record SignedChain(X509Certificate leaf, Issuer issuer) {

  /** Leaf first, without the root: what a peer is sent. */
  List<X509Certificate> withoutRoot() {
    return Stream.concat(Stream.of(leaf), issuer.intermediates().stream()).toList();
  }
}
