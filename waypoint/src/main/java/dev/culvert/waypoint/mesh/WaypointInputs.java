// SPDX-License-Identifier: Apache-2.0
package dev.culvert.waypoint.mesh;

import dev.culvert.waypoint.accept.HttpConnections;
import dev.culvert.ztunnel.hbone.TunnelSettings;
import dev.culvert.ztunnel.identity.WorkloadCertificates;
import dev.culvert.ztunnel.limits.PodShare;
import dev.culvert.ztunnel.route.Router;
import dev.culvert.ztunnel.telemetry.Telemetry;
import dev.culvert.ztunnel.transport.PodSockets;
import dev.culvert.ztunnel.xds.MeshStore;

/** What connections to this waypoint need. */
record WaypointInputs(
    Self self,
    MeshStore mesh,
    BoundWait bound,
    ServedPorts served,
    HttpConnections connections,
    OpenPassages passages,
    OpenRequests requests,
    Router router,
    WaypointTunnels tunnels,
    PodSockets sockets,
    PodShare share,
    WorkloadCertificates certificates,
    TunnelSettings settings,
    Telemetry telemetry) {}
