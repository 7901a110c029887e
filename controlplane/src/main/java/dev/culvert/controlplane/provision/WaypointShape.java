// SPDX-License-Identifier: Apache-2.0
package dev.culvert.controlplane.provision;

import dev.culvert.policy.resource.GatewayListener;
import dev.culvert.policy.resource.GatewayResource;
import io.fabric8.kubernetes.api.model.GenericKubernetesResource;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** A waypoint: reached in tunnels, from inside of the mesh. */
record WaypointShape() implements Shape {
  private static final int PORT = 15008;

  @Override
  public String className() {
    return "culvert-waypoint";
  }

  @Override
  public String controller() {
    return "culvert.dev/waypoint-controller";
  }

  @Override
  public List<String> features() {
    return Features.OF_WAYPOINTS;
  }

  @Override
  public String what() {
    return "a waypoint";
  }

  @Override
  public String template() {
    return "waypoint.yaml";
  }

  @Override
  public Set<String> keys() {
    return Set.of();
  }

  @Override
  public Optional<Verdict> refusal(GatewayResource gateway, Map<String, String> parameters) {
    return Optional.empty();
  }

  @Override
  public List<String> unserved(GatewayResource gateway) {
    return List.of();
  }

  @Override
  public void service(
      Map<String, Object> spec, GatewayResource gateway, Map<String, String> parameters) {
    int port =
        gateway.listeners().stream()
            .filter(listener -> listener.protocol().equals("HBONE"))
            .findFirst()
            .map(GatewayListener::port)
            .orElse(PORT);
    Tree.first(spec, "ports").put("port", port);
  }

  @Override
  public void container(
      Map<String, Object> container, GatewayResource gateway, Map<String, String> environment) {
    environment.put("WAYPOINT", gateway.metadata().namespace() + "/" + gateway.metadata().name());
    environment.put("GATEWAY_CLASS", gateway.className());
  }

  /** Nobody looks for a waypoint at an address of its choice. */
  @Override
  public AskedAddresses asked(GatewayResource gateway) {
    return new AskedAddresses(List.of());
  }

  @Override
  public List<GatewayResource.Address> addresses(
      GenericKubernetesResource service, String hostname) {
    return List.of(new GatewayResource.Address("Hostname", hostname));
  }
}
