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
 * @param forwarded the client in front of the tunnel
 */
public record ConnectRequest(InetSocketAddress target, String baggage, String forwarded) {

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
