// SPDX-License-Identifier: Apache-2.0
package dev.culvert.ztunnel.inbound;

import dev.culvert.ztunnel.hbone.TunnelSettings;
import dev.culvert.ztunnel.identity.WorkloadCertificates;
import dev.culvert.ztunnel.limits.PodShare;
import dev.culvert.ztunnel.route.KnownWorkloads;
import dev.culvert.ztunnel.telemetry.Telemetry;
import dev.culvert.ztunnel.transport.PodSockets;
import dev.culvert.ztunnel.xds.MeshState;
import dev.culvert.ztunnel.zds.Pod;

/** What the inbound connections of one pod need. */
public record InboundPod(
    Pod pod,
    PodSockets sockets,
    PodShare share,
    MeshState mesh,
    KnownWorkloads known,
    WorkloadCertificates certificates,
    TunnelSettings tunnels,
    Deliveries deliveries,
    Telemetry telemetry) {}
