// SPDX-License-Identifier: Apache-2.0
package dev.culvert.waypoint.plan;

import dev.culvert.policy.spiffe.SpiffeId;
import java.net.InetSocketAddress;
import java.util.Set;

/**
 * The tunnel to an endpoint.
 *
 * @param tunnel where it ends, usually port 15008 of the endpoint's own address
 * @param expected the identities of which its other end must prove one
 * @param behind the same of what is behind that end, if that is the gateway of another network;
 *     else empty
 */
public record Way(InetSocketAddress tunnel, Set<SpiffeId> expected, Set<SpiffeId> behind) {
  /** Copies the sets. */
  public Way {
    expected = Set.copyOf(expected);
    behind = Set.copyOf(behind);
  }
}
