// SPDX-License-Identifier: Apache-2.0
package dev.culvert.waypoint.mesh;

import dev.culvert.waypoint.forward.ProxyGreeting;
import dev.culvert.waypoint.plan.Destination;
import dev.culvert.waypoint.plan.Target;
import dev.culvert.waypoint.plan.Way;
import dev.culvert.waypoint.stream.Upstream;
import dev.culvert.ztunnel.hbone.Forwarded;
import dev.culvert.ztunnel.hbone.HboneStream;
import dev.culvert.ztunnel.hbone.Opening;
import dev.culvert.ztunnel.hbone.TunnelException;
import dev.culvert.ztunnel.telemetry.ConnectionInfo;
import dev.culvert.ztunnel.xds.MeshState;
import dev.culvert.ztunnel.xds.Service;
import dev.culvert.ztunnel.xds.Workload;
import io.netty.buffer.ByteBuf;
import io.netty.channel.EventLoop;
import io.netty.util.concurrent.Future;
import io.netty.util.concurrent.Promise;
import java.util.Optional;

/**
 * Connections that nobody looks into, each a stream of a tunnel that proves this process' identity,
 * or plaintext to what has no tunnel.
 */
final class MeshUpstream implements Upstream {
  private final MeshState mesh;
  private final WaypointTunnels tunnels;
  private final Upstream dialled;

  /**
   * @param dialled for those that have no tunnel, and for TLS in one
   */
  MeshUpstream(MeshState mesh, WaypointTunnels tunnels, Upstream dialled) {
    this.mesh = mesh;
    this.tunnels = tunnels;
    this.dialled = dialled;
  }

  @Override
  public Future<Reached> reach(EventLoop loop, Target target, Forwarded from) {
    if (target.way().isEmpty() || target.tls().isPresent()) {
      return dialled.reach(loop, target, from);
    }
    Promise<Reached> promise = loop.newPromise();
    tunnels.open(
        loop, target.way().get(), target.address(), from.format(), new Reaching(target, promise));
    return promise;
  }

  private record Reaching(Target target, Promise<Reached> promise) implements Opening {
    @Override
    public ByteBuf early() {
      return ProxyGreeting.bytes(target);
    }

    @Override
    public void opened(HboneStream stream) {
      promise.setSuccess(new Reached(stream, stream.tls()));
    }

    @Override
    public void failed(TunnelException cause) {
      promise.setFailure(cause);
    }
  }

  @Override
  public ConnectionInfo described(ConnectionInfo known, Target to, Destination of) {
    Optional<Service> service = mesh.serviceByHostname(of.namespace(), of.hostname());
    Optional<Workload> workload = workload(to);
    return new ConnectionInfo(
        known.direction(),
        known.security(),
        known.source(),
        known.destination(),
        known.asked(),
        to.way().map(Way::tunnel),
        known.sourceWorkload(),
        workload,
        service,
        known.sourceIdentity(),
        to.way().isPresent() ? workload.map(Workload::identity) : Optional.empty());
  }

  /** Where the address is that of a service, its waypoint is what is spoken to. */
  private Optional<Workload> workload(Target to) {
    Optional<Workload> endpoint =
        to.address().isUnresolved() ? Optional.empty() : mesh.workload(to.address().getAddress());
    return endpoint.or(() -> to.way().flatMap(way -> mesh.workload(way.tunnel().getAddress())));
  }
}
