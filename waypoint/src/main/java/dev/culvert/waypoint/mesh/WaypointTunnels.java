// SPDX-License-Identifier: Apache-2.0
package dev.culvert.waypoint.mesh;

import dev.culvert.policy.spiffe.SpiffeId;
import dev.culvert.waypoint.plan.Way;
import dev.culvert.ztunnel.hbone.Baggage;
import dev.culvert.ztunnel.hbone.ConnectRequest;
import dev.culvert.ztunnel.hbone.Opening;
import dev.culvert.ztunnel.hbone.TunnelKey;
import dev.culvert.ztunnel.hbone.TunnelPools;
import dev.culvert.ztunnel.transport.PodSockets;
import dev.culvert.ztunnel.xds.MeshState;
import io.netty.channel.EventLoop;
import java.net.InetSocketAddress;
import java.util.Set;

/** Opens streams to endpoints as this waypoint. On the stream's event loop. */
final class WaypointTunnels {
  private final Self self;
  private final MeshState mesh;
  private final PodSockets sockets;
  private final TunnelPools pools;

  WaypointTunnels(Self self, MeshState mesh, PodSockets sockets, TunnelPools pools) {
    this.self = self;
    this.mesh = mesh;
    this.sockets = sockets;
    this.pools = pools;
  }

  /**
   * Asks for a target at the end of a way.
   *
   * @param forwarded what is said of the client; empty when the stream is for several
   */
  void open(EventLoop loop, Way way, InetSocketAddress target, String forwarded, Opening opening) {
    ConnectRequest request =
        new ConnectRequest(target, self.workload(mesh).map(Baggage::format).orElse(""), forwarded);
    TunnelKey outer = key(way, way.expected());
    if (way.behind().isEmpty()) {
      pools.of(loop).open(outer, request, opening);
    } else {
      String network = self.workload(mesh).map(own -> own.network()).orElse("");
      pools.openNested(
          loop, outer, request, key(way, way.behind()), request.fromNetwork(network), opening);
    }
  }

  private TunnelKey key(Way way, Set<SpiffeId> expected) {
    return new TunnelKey(sockets, self.identity(), way.tunnel(), expected);
  }
}
