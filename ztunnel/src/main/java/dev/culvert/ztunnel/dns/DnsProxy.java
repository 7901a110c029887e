// SPDX-License-Identifier: Apache-2.0
package dev.culvert.ztunnel.dns;

import dev.culvert.ztunnel.xds.MeshStore;
import dev.culvert.ztunnel.zds.Pod;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import io.netty.channel.ChannelHandler;
import java.net.InetSocketAddress;
import java.util.List;

/** Answers the pods' DNS queries from what the mesh knows, and forwards the others. */
public final class DnsProxy implements DnsHandlers {
  /**
   * What is counted.
   *
   * @param requests queries taken
   * @param forwarded those sent to a resolver
   * @param unanswered those that no resolver answered
   */
  record Counters(Counter requests, Counter forwarded, Counter unanswered) {
    static Counters in(MeterRegistry registry) {
      return new Counters(
          registry.counter("istio_dns_requests"),
          registry.counter("istio_dns_upstream_requests"),
          registry.counter("istio_dns_upstream_failures"));
    }
  }

  private final MeshStore mesh;
  private final MeshNames names;
  private final List<InetSocketAddress> resolvers;
  private final Counters counters;

  /**
   * @param resolvers asked in order for names the mesh does not know; none refuses them
   */
  public DnsProxy(
      MeshStore mesh,
      String clusterDomain,
      List<InetSocketAddress> resolvers,
      MeterRegistry registry) {
    this.mesh = mesh;
    this.names = new MeshNames(mesh, clusterDomain);
    this.resolvers = List.copyOf(resolvers);
    this.counters = Counters.in(registry);
  }

  @Override
  public ChannelHandler handlerFor(Pod pod, UpstreamSockets upstream) {
    return new PodQueries(pod, mesh, names, upstream, resolvers, counters);
  }
}
