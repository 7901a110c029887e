// SPDX-License-Identifier: Apache-2.0
package dev.culvert.cli;

import dev.culvert.agent.Agent;
import dev.culvert.agent.AgentConfig;
import dev.culvert.controlplane.ControlPlane;
import dev.culvert.controlplane.ControlPlaneConfig;
import dev.culvert.waypoint.gateway.FrontDoor;
import dev.culvert.waypoint.gateway.GatewayConfig;
import dev.culvert.waypoint.mesh.MeshWaypoint;
import dev.culvert.waypoint.mesh.WaypointConfig;
import dev.culvert.ztunnel.IstioEnvironment;
import dev.culvert.ztunnel.Ztunnel;
import dev.culvert.ztunnel.ZtunnelConfig;
import java.util.List;

/** Every process that the culvert command can run. */
final class Daemons {
  private Daemons() {}

  static List<Daemon> all() {
    return List.of(
        new Daemon(
            "controlplane",
            "Reads the mesh's resources, serves discovery and signs certificates.",
            ControlPlaneConfig.settings(),
            settings -> ControlPlane.start(ControlPlaneConfig.from(settings))),
        new Daemon(
            "agent",
            "Loads and pins a node's eBPF programs and enrols its pods. Needs root.",
            AgentConfig.settings(),
            settings -> Agent.start(AgentConfig.from(settings))),
        new Daemon(
            "ztunnel",
            "Carries the connections of a node's pods in mutual TLS. Needs root.",
            ZtunnelConfig.settings(),
            new IstioEnvironment(),
            settings -> Ztunnel.start(ZtunnelConfig.from(settings))),
        new Daemon(
            "gateway",
            "Serves the Gateways and HTTPRoutes of a folder: --config DIR.",
            GatewayConfig.settings(),
            settings -> FrontDoor.start(GatewayConfig.from(settings))),
        new Daemon(
            "waypoint",
            "Carries the requests to services and pods that use a waypoint.",
            WaypointConfig.settings(),
            settings -> MeshWaypoint.start(WaypointConfig.from(settings))));
  }
}
