// SPDX-License-Identifier: Apache-2.0
package dev.culvert.ztunnel.xds;

import io.netty.util.NetUtil;
import java.net.InetAddress;
import java.net.InetSocketAddress;

/** Where a waypoint, or the gateway of a network, takes HBONE. */
public sealed interface GatewayAddress {
  /** The port, usually 15008. */
  int port();

  /** One known by the service in front of it. */
  record ByService(String namespace, String hostname, int port) implements GatewayAddress {
    /** {@code NAMESPACE/HOSTNAME:PORT}. */
    @Override
    public String toString() {
      return "%s/%s:%d".formatted(namespace, hostname, port);
    }
  }

  /**
   * One known by an address: of a workload, or of a service.
   *
   * @param network where the address means it
   */
  record ByIp(String network, InetAddress address, int port) implements GatewayAddress {
    /** {@code ADDRESS:PORT}, and the network unless it is the only one. */
    @Override
    public String toString() {
      String at = NetUtil.toSocketAddressString(new InetSocketAddress(address, port));
      return network.isEmpty() ? at : "%s in network %s".formatted(at, network);
    }
  }
}
