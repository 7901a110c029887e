// SPDX-License-Identifier: Apache-2.0
package dev.culvert.ztunnel.capture;

import dev.culvert.ztunnel.authz.Authorizer;
import dev.culvert.ztunnel.authz.OpenConnections;
import dev.culvert.ztunnel.dns.DnsHandlers;
import dev.culvert.ztunnel.hbone.TunnelSettings;
import dev.culvert.ztunnel.identity.WorkloadCertificates;
import dev.culvert.ztunnel.limits.NodeLimits;
import dev.culvert.ztunnel.pairs.DirectPath;
import dev.culvert.ztunnel.telemetry.Telemetry;
import dev.culvert.ztunnel.transport.PodNetwork;
import dev.culvert.ztunnel.transport.Transport;
import dev.culvert.ztunnel.xds.MeshState;
import dev.culvert.ztunnel.xds.OnDemand;
import io.netty.channel.EventLoopGroup;
import java.time.Duration;
import java.util.Optional;

/**
 * What the data path is given.
 *
 * @param node the name of this node, as workloads name theirs
 * @param demand asks for what the mesh does not come with by itself
 * @param workers made by the transport; not closed by the data path
 * @param patience how long a connection waits until the control plane has told of its pod, and of
 *     where it goes
 */
public record ProxyInputs(
    String node,
    Transport transport,
    PodNetwork network,
    EventLoopGroup workers,
    MeshState mesh,
    Optional<OnDemand> demand,
    WorkloadCertificates certificates,
    Authorizer authorizer,
    OpenConnections openConnections,
    DirectPath direct,
    Telemetry telemetry,
    DnsHandlers dns,
    TunnelSettings tunnels,
    NodeLimits limits,
    OriginalDestination originalDestination,
    Duration patience,
    DrainTimes drain) {}
