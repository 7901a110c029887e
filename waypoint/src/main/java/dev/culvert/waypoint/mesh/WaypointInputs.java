// SPDX-License-Identifier: Apache-2.0
package dev.culvert.waypoint.mesh;

import dev.culvert.waypoint.accept.HttpConnections;
import dev.culvert.waypoint.stream.Carriers;
import dev.culvert.ztunnel.hbone.TunnelSettings;
import dev.culvert.ztunnel.identity.WorkloadCertificates;
import dev.culvert.ztunnel.limits.PodShare;
import dev.culvert.ztunnel.transport.PodSockets;
import dev.culvert.ztunnel.xds.MeshStore;

/** What connections to this waypoint need. */
record WaypointInputs(
    Self self,
    MeshStore mesh,
    BoundWait bound,
    ServedPorts served,
    HttpConnections connections,
    OpenRequests requests,
    PodSockets sockets,
    PodShare share,
    WorkloadCertificates certificates,
    TunnelSettings settings,
    Carriers carriers) {}
