// SPDX-License-Identifier: Apache-2.0
package dev.culvert.controlplane.ca;

import java.security.cert.X509Certificate;
import java.util.List;
import java.util.stream.Stream;

/**
 * A signed certificate and what verifies it.
 *
 * @param intermediates from who signed it up, without the root; none when that is the root
 * @param roots all that are trusted; one of them verifies it
 */
record SignedChain(
    X509Certificate leaf, List<X509Certificate> intermediates, List<X509Certificate> roots) {

  SignedChain {
    intermediates = List.copyOf(intermediates);
    roots = List.copyOf(roots);
  }

  /** Leaf first, without the root: what a peer is sent. */
  List<X509Certificate> withoutRoot() {
    return Stream.concat(Stream.of(leaf), intermediates.stream()).toList();
  }
}
