// SPDX-License-Identifier: Apache-2.0
package dev.culvert.ztunnel.capture;

import dev.culvert.ztunnel.dns.Upstream;
import dev.culvert.ztunnel.outbound.OutboundConnection;
import dev.culvert.ztunnel.outbound.OutboundPod;
import dev.culvert.ztunnel.route.ProxyPorts;
import dev.culvert.ztunnel.transport.Half;
import dev.culvert.ztunnel.transport.Listeners;
import dev.culvert.ztunnel.xds.MeshState;
import dev.culvert.ztunnel.xds.Workload;
import dev.culvert.ztunnel.zds.Pod;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelHandler;
import io.netty.channel.EventLoop;
import java.net.Inet4Address;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.Comparator;
import java.util.Optional;

/** Resolvers as one pod reaches them: what it may not ask, its DNS proxy does not ask for it. */
record PodUpstream(MeshState mesh, OutboundPod outbound, Listeners listeners) implements Upstream {

  @Override
  public ChannelFuture datagrams(
      EventLoop loop, InetSocketAddress resolver, ChannelHandler handler) {
    return listeners.ask(loop, resolver, handler);
  }

  @Override
  public void connect(EventLoop loop, InetSocketAddress resolver, Half client) {
    Optional<InetSocketAddress> own = own(resolver);
    if (own.isPresent()) {
      OutboundConnection.open(outbound, client, loop, own.get(), resolver);
    } else {
      client.reset();
    }
  }

  /** The pod's address, and the port that tells the DNS proxy's connections from the app's. */
  private Optional<InetSocketAddress> own(InetSocketAddress resolver) {
    boolean v4 = resolver.getAddress() instanceof Inet4Address;
    Pod pod = outbound.pod();
    return mesh.workload(pod.namespace(), pod.name()).map(Workload::addresses).stream()
        .flatMap(addresses -> addresses.stream())
        .min(Comparator.comparing((InetAddress address) -> address instanceof Inet4Address != v4))
        .map(address -> new InetSocketAddress(address, ProxyPorts.DNS));
  }
}
