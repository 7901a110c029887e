// SPDX-License-Identifier: Apache-2.0
package dev.culvert.waypoint.mesh;

import dev.culvert.waypoint.forward.BackendChannel;
import dev.culvert.waypoint.forward.Dialer;
import dev.culvert.waypoint.forward.TcpDialer;
import dev.culvert.waypoint.plan.Target;
import dev.culvert.waypoint.plan.Way;
import dev.culvert.ztunnel.hbone.HboneStream;
import dev.culvert.ztunnel.hbone.Opening;
import dev.culvert.ztunnel.hbone.StreamChannel;
import dev.culvert.ztunnel.hbone.TunnelException;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandler;
import io.netty.channel.EventLoop;
import io.netty.util.concurrent.Future;
import io.netty.util.concurrent.Promise;

/**
 * Connections that requests of many clients share: in tunnels that prove this waypoint's identity,
 * or as plaintext to what has no tunnel.
 */
final class MeshDialer implements Dialer {
  private final WaypointTunnels tunnels;
  private final TcpDialer plain;

  MeshDialer(WaypointTunnels tunnels, TcpDialer plain) {
    this.tunnels = tunnels;
    this.plain = plain;
  }

  @Override
  public Future<? extends Channel> dial(EventLoop loop, Target target, ChannelHandler handler) {
    if (target.way().isEmpty()) {
      return plain.dial(loop, target, handler);
    }
    Promise<Channel> promise = loop.newPromise();
    Way way = target.way().get();
    tunnels.open(loop, way, target.address(), "", new Dialling(target, handler, promise));
    return promise;
  }

  private record Dialling(Target target, ChannelHandler handler, Promise<Channel> promise)
      implements Opening {
    @Override
    public void opened(HboneStream stream) {
      BackendChannel.open(target, handler, first -> StreamChannel.open(stream, first), promise);
    }

    @Override
    public void failed(TunnelException cause) {
      promise.setFailure(cause);
    }
  }
}
