// SPDX-License-Identifier: Apache-2.0
package dev.culvert.cli.daemon;

import dev.culvert.agent.Agent;
import dev.culvert.agent.AgentConfig;
import dev.culvert.controlplane.ControlPlane;
import dev.culvert.controlplane.ControlPlaneConfig;
import dev.culvert.waypoint.gateway.FrontDoor;
import dev.culvert.waypoint.mesh.MeshGateway;
import dev.culvert.waypoint.mesh.MeshGatewayConfig;
import dev.culvert.waypoint.mesh.MeshWaypoint;
import dev.culvert.waypoint.mesh.WaypointConfig;
import dev.culvert.ztunnel.Ztunnel;
import dev.culvert.ztunnel.config.IstioEnvironment;
import dev.culvert.ztunnel.config.ZtunnelConfig;
import java.io.IOException;
import java.util.List;

/** Every process that the culvert command can run. */
public final class Daemons {
  private Daemons() {}

  /** In the order in which help shows them. */
  public static List<Daemon> all() {
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
            "Serves the Gateways and HTTPRoutes of a folder, --config DIR, or its Gateway of a mesh.",
            MeshGatewayConfig.settings(),
            settings -> gateway(MeshGatewayConfig.from(settings))),
        new Daemon(
            "waypoint",
            "Carries the requests to services and pods that use a waypoint.",
            WaypointConfig.settings(),
            settings -> MeshWaypoint.start(WaypointConfig.from(settings))));
  }

  private static AutoCloseable gateway(MeshGatewayConfig config) throws IOException {
    return config.member().isPresent()
        ? MeshGateway.start(config.door(), config.member().get())
        : FrontDoor.start(config.door());
  }
}
