// SPDX-License-Identifier: Apache-2.0
package dev.culvert.ztunnel.outbound;

import dev.culvert.ztunnel.hbone.TunnelPools;
import dev.culvert.ztunnel.inbound.Deliveries;
import dev.culvert.ztunnel.pairs.DirectPath;
import dev.culvert.ztunnel.route.KnownWorkloads;
import dev.culvert.ztunnel.route.Routes;
import dev.culvert.ztunnel.telemetry.Telemetry;
import dev.culvert.ztunnel.transport.PodSockets;
import dev.culvert.ztunnel.zds.Pod;
import java.time.Duration;

/**
 * What the outbound connections of one pod need.
 *
 * @param direct learns which connections need no proxy the next time
 * @param connectTimeout of plaintext connections
 */
public record OutboundPod(
    Pod pod,
    PodSockets sockets,
    KnownWorkloads known,
    Routes routes,
    TunnelPools tunnels,
    Deliveries deliveries,
    DirectPath direct,
    Telemetry telemetry,
    Duration connectTimeout) {}
