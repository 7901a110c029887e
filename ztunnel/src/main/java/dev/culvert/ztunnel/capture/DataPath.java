// SPDX-License-Identifier: Apache-2.0
package dev.culvert.ztunnel.capture;

import dev.culvert.ztunnel.dns.DnsHandlers;
import dev.culvert.ztunnel.hbone.TunnelPools;
import dev.culvert.ztunnel.hbone.TunnelSettings;
import dev.culvert.ztunnel.identity.WorkloadCertificates;
import dev.culvert.ztunnel.inbound.Deliveries;
import dev.culvert.ztunnel.inbound.InboundPod;
import dev.culvert.ztunnel.limits.NodeLimits;
import dev.culvert.ztunnel.limits.PodShare;
import dev.culvert.ztunnel.outbound.OutboundPod;
import dev.culvert.ztunnel.pairs.DirectPath;
import dev.culvert.ztunnel.route.KnownWorkloads;
import dev.culvert.ztunnel.route.Routes;
import dev.culvert.ztunnel.telemetry.Telemetry;
import dev.culvert.ztunnel.transport.PodNetwork;
import dev.culvert.ztunnel.transport.PodSockets;
import dev.culvert.ztunnel.transport.Transport;
import dev.culvert.ztunnel.xds.MeshState;
import dev.culvert.ztunnel.zds.Pod;
import io.netty.channel.EventLoopGroup;

/** What all pods of a node share. */
record DataPath(
    Transport transport,
    PodNetwork network,
    EventLoopGroup workers,
    MeshState mesh,
    WorkloadCertificates certificates,
    TunnelSettings tunnelSettings,
    NodeLimits limits,
    TunnelPools tunnels,
    Routes routes,
    KnownWorkloads known,
    Deliveries deliveries,
    DirectPath direct,
    Telemetry telemetry,
    DnsHandlers dns,
    OriginalDestination originalDestination,
    AcceptQueues queues,
    DrainTimes drain) {

  OutboundPod outbound(Pod pod, PodSockets sockets) {
    return new OutboundPod(
        pod,
        sockets,
        known,
        routes,
        tunnels,
        deliveries,
        direct,
        telemetry,
        tunnelSettings.connectTimeout());
  }

  InboundPod inbound(Pod pod, PodSockets sockets, PodShare share) {
    return new InboundPod(
        pod, sockets, share, mesh, known, certificates, tunnelSettings, deliveries, telemetry);
  }
}
