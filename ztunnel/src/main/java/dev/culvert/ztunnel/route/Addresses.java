// SPDX-License-Identifier: Apache-2.0
package dev.culvert.ztunnel.route;

import java.net.Inet4Address;
import java.net.InetAddress;
import java.util.List;
import java.util.Optional;

/** The choice among the addresses of one pod. */
final class Addresses {
  private Addresses() {}

  /** The first of the same family as the one asked for, or of any if there is none. */
  static Optional<InetAddress> like(InetAddress asked, List<InetAddress> addresses) {
    return addresses.stream()
        .filter(address -> address instanceof Inet4Address == asked instanceof Inet4Address)
        .findFirst()
        .or(() -> addresses.stream().findFirst());
  }
}
