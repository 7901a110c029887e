// SPDX-License-Identifier: Apache-2.0
package dev.culvert.ztunnel.dns;

import dev.culvert.ztunnel.xds.MeshStore;
import dev.culvert.ztunnel.zds.Pod;
import io.micrometer.core.instrument.MeterRegistry;
import io.netty.channel.EventLoop;

/** Answers the pods' DNS queries from what the mesh knows, and forwards the others. */
public final class DnsProxy implements DnsHandlers {
  private final MeshStore mesh;
  private final MeshNames names;
  private final DnsSettings settings;
  private final DnsMeters meters;
  private final Newcomers newcomers;

  public DnsProxy(MeshStore mesh, DnsSettings settings, MeterRegistry registry) {
    this.mesh = mesh;
    this.names = new MeshNames(mesh, settings.clusterDomain(), settings.preferredNamespace());
    this.settings = settings;
    this.meters = DnsMeters.in(registry);
    this.newcomers = new Newcomers(mesh, settings.timeout());
  }

  @Override
  public PodDns of(Pod pod, EventLoop loop, Upstream upstream) {
    PodLimits limits = new PodLimits(settings, meters);
    Forwarder forwarder = new Forwarder(loop, upstream, settings, meters);
    PodResolver resolver =
        new PodResolver(pod, mesh, newcomers, names, settings, meters, limits, forwarder);
    return new ServedPod(resolver, limits, settings);
  }
}
