// SPDX-License-Identifier: Apache-2.0
package dev.culvert.waypoint.plan;

import dev.culvert.policy.traffic.ProxyProtocol;
import java.net.InetSocketAddress;
import java.util.Optional;

/**
 * What an endpoint is told by the PROXY protocol when a connection to it begins.
 *
 * @param of the client that it is for; empty for a connection of this proxy's own
 */
public record SentProxyHeader(ProxyProtocol version, Optional<Client> of) {
  /**
   * A client and what it connected to.
   *
   * @param address where it is
   * @param asked the address that it connected to
   */
  public record Client(InetSocketAddress address, InetSocketAddress asked) {}

  /** That of a connection of this proxy's own. */
  public static SentProxyHeader own(ProxyProtocol version) {
    return new SentProxyHeader(version, Optional.empty());
  }
}
