// SPDX-License-Identifier: Apache-2.0
package dev.culvert.ztunnel.inbound;

import dev.culvert.policy.spiffe.SpiffeId;
import java.net.InetSocketAddress;

/** How an app learns whose connection it gets. */
public sealed interface Introduction {

  /**
   * The peer of its socket has the client's address.
   *
   * @param client as the app is to see it
   */
  record ByAddress(InetSocketAddress client) implements Introduction {}

  /**
   * A header of the PROXY protocol, version 2, stands before the client's bytes: for a proxy that
   * leaves the tunnel to this one.
   *
   * @param client where it is
   * @param asked what it asked for, for example an address of the service that the app is in front
   *     of
   * @param identity that it proved
   */
  record ByHeader(InetSocketAddress client, InetSocketAddress asked, SpiffeId identity)
      implements Introduction {}
}
