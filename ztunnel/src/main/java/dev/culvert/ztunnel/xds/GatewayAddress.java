// SPDX-License-Identifier: Apache-2.0
package dev.culvert.ztunnel.xds;

import java.net.InetAddress;

/** Where a waypoint, or the gateway of a network, takes HBONE. */
public sealed interface GatewayAddress {
  /** The port, usually 15008. */
  int port();

  /** One known by the service in front of it. */
  record ByService(String namespace, String hostname, int port) implements GatewayAddress {}

  /**
   * One known by an address: of a workload, or of a service.
   *
   * @param network where the address means it
   */
  record ByIp(String network, InetAddress address, int port) implements GatewayAddress {}
}
