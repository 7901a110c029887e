// SPDX-License-Identifier: Apache-2.0
package dev.culvert.ztunnel.controlplane;

import java.util.List;
import java.util.Map;

/** gRPC's service config of each channel to the control plane. */
final class ChannelConfig {
  /**
   * One connection, to whichever replica answers. The addresses of a name are shuffled, gRFC A62:
   * proxies spread over replicas, and none comes back to a silent one first each time.
   */
  static final Map<String, ?> OF_ALL =
      Map.of(
          "loadBalancingConfig",
          List.of(Map.of("pick_first", Map.of("shuffleAddressList", true))),
          "methodConfig",
          List.of(CaughtRequests.ASKED_ONCE_MORE));

  private ChannelConfig() {}
}
