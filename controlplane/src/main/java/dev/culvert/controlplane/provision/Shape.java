// SPDX-License-Identifier: Apache-2.0
package dev.culvert.controlplane.provision;

import dev.culvert.policy.resource.GatewayResource;
import io.fabric8.kubernetes.api.model.GenericKubernetesResource;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** What is made of Gateways of one class. Pure. */
sealed interface Shape permits WaypointShape, DoorShape {
  /** All of them. */
  List<Shape> ALL = List.of(new WaypointShape(), new DoorShape());

  /** The GatewayClass. */
  String className();

  /** The {@code controllerName} of that class; with another one nothing is made. */
  String controller();

  /** What that class can do, by the names of the Gateway API, in the order of the alphabet. */
  List<String> features();

  /** What one is, for messages: {@code a waypoint}. */
  String what();

  /** The resource with what it consists of. */
  String template();

  /** Keys of its parameters beside those of its size. */
  Set<String> keys();

  /** Why it cannot be made, if it cannot: a reason of the Gateway API, and what is to be done. */
  Optional<Verdict> refusal(GatewayResource gateway, Map<String, String> parameters);

  /** The names of its listeners that cannot be served while others can. */
  List<String> unserved(GatewayResource gateway);

  /** Fills in the ports of its Service, and how it is reached. */
  void service(Map<String, Object> spec, GatewayResource gateway, Map<String, String> parameters);

  /**
   * Fills in its container.
   *
   * @param environment to which settings are added, by their names
   */
  void container(
      Map<String, Object> container, GatewayResource gateway, Map<String, String> environment);

  /** The addresses that its Service is to have. */
  AskedAddresses asked(GatewayResource gateway);

  /**
   * Where it is reached.
   *
   * @param service its Service, as the API server has it
   * @param hostname of that Service
   * @return empty while it is not known
   */
  List<GatewayResource.Address> addresses(GenericKubernetesResource service, String hostname);
}
