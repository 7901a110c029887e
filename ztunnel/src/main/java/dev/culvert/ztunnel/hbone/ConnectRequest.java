// SPDX-License-Identifier: Apache-2.0
package dev.culvert.ztunnel.hbone;

import dev.culvert.ztunnel.xds.Workload;
import java.net.InetSocketAddress;
import java.util.Optional;

/**
 * A CONNECT to send.
 *
 * @param target the final address
 * @param baggage what the source says of itself
 * @param forwarded the client in front of the tunnel; empty for none
 * @param network where it comes from, when it goes to another network
 */
public record ConnectRequest(
    InetSocketAddress target, String baggage, String forwarded, Optional<String> network) {

  /** A request within the network. */
  public ConnectRequest(InetSocketAddress target, String baggage, String forwarded) {
    this(target, baggage, forwarded, Optional.empty());
  }

  /** The same, which says that it comes from the network. */
  public ConnectRequest fromNetwork(String origin) {
    return new ConnectRequest(target, baggage, forwarded, Optional.of(origin));
  }

  /** The request of a pod's client. */
  public static ConnectRequest of(
      InetSocketAddress target,
      Workload source,
      InetSocketAddress client,
      Optional<String> serviceHostname) {
    return new ConnectRequest(
        target,
        Baggage.format(source),
        new Forwarded(Optional.of(client), serviceHostname).format());
  }
}
