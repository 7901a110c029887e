// SPDX-License-Identifier: Apache-2.0
package dev.culvert.controlplane;

import java.net.InetAddress;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/** What the serving certificate is for. */
final class ServingNames {
  private ServingNames() {}

  /** Loopback always, the address it listens on if it is one, and what the settings add. */
  static List<String> of(ControlPlaneConfig config) {
    Set<String> names = new LinkedHashSet<>(List.of("localhost", "127.0.0.1", "0:0:0:0:0:0:0:1"));
    InetAddress listen = config.listen().getAddress();
    if (!listen.isAnyLocalAddress()) {
      names.add(listen.getHostAddress());
    }
    names.addAll(config.servingNames());
    return new ArrayList<>(names);
  }
}
