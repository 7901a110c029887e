// SPDX-License-Identifier: Apache-2.0
package dev.culvert.waypoint.mesh;

import dev.culvert.ztunnel.inbound.TunnelEntrance;
import io.netty.channel.Channel;

/** Where clients' proxies open tunnels to this waypoint. */
final class WaypointEntrance {
  private final WaypointInputs inputs;
  private final TunnelEntrance.Host host;

  WaypointEntrance(WaypointInputs inputs) {
    this.inputs = inputs;
    this.host =
        new TunnelEntrance.Host(
            inputs.self().identity(),
            inputs.share(),
            inputs.certificates(),
            inputs.settings(),
            "this waypoint");
  }

  /** Takes a connection that was just accepted and has no handlers yet. On its event loop. */
  void accept(Channel channel) {
    TunnelEntrance.accept(
        host,
        (peer, tunnel, own) ->
            connect ->
                new WaypointStream(inputs, channel.eventLoop(), peer, tunnel, own, connect).begin(),
        channel);
  }
}
