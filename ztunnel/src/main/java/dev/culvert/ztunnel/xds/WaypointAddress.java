// SPDX-License-Identifier: Apache-2.0
package dev.culvert.ztunnel.xds;

import java.net.InetAddress;

/** Where a waypoint takes HBONE. */
public sealed interface WaypointAddress {
  /** The port, usually 15008. */
  int port();

  /** A waypoint known by the service in front of it. */
  record ByService(String namespace, String hostname, int port) implements WaypointAddress {}

  /** A waypoint known by an address: of a workload, or of a service. */
  record ByIp(InetAddress address, int port) implements WaypointAddress {}
}
