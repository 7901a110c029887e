// SPDX-License-Identifier: Apache-2.0
package dev.culvert.controlplane.report;

import dev.culvert.controlplane.source.kubernetes.Sightings;
import dev.culvert.controlplane.status.WantedStatus;
import dev.culvert.controlplane.verdict.Said;
import dev.culvert.controlplane.verdict.Statuses;
import dev.culvert.policy.resource.ResourceKey;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** What the status of the objects that are there is to say. */
final class Report {
  private final SeenObjects objects;
  private final Statuses statuses;

  Report(SeenObjects objects, Said said) {
    this.objects = objects;
    this.statuses = new Statuses(said);
  }

  /** Of one object; empty when nothing is ours to say. */
  Optional<WantedStatus> of(SeenObject object) {
    String origin = Sightings.origin(object.kind(), object.key());
    return switch (object.kind().name()) {
      case "AuthorizationPolicy", "PeerAuthentication", "RequestAuthentication", "TrafficPolicy" ->
          statuses.ofPolicy(object.key(), origin, objects.isOverridden(object));
      case "HTTPRoute", "GRPCRoute", "TLSRoute", "TCPRoute" ->
          statuses.ofRoute(object.key(), origin, object.parents());
      case "Gateway" ->
          statuses.ofGateway(object.key(), origin, object.className(), holds(object, "Programmed"));
      case "BackendTLSPolicy" -> statuses.ofBackendTls(object.key(), origin);
      case "ListenerSet" -> ofListenerSet(object, origin);
      case "Service", "ServiceEntry" -> statuses.ofService(object.key(), object.others());
      default -> Optional.empty();
    };
  }

  /** Its Gateway decides, which may be none of ours. */
  private Optional<WantedStatus> ofListenerSet(SeenObject set, String origin) {
    ResourceKey gateway = statuses.gatewayOf(set.key()).orElseGet(() -> gateway(set));
    Optional<SeenObject> parent = objects.find(gateway);
    return statuses.ofListenerSet(
        set.key(),
        origin,
        gateway,
        parent.filter(one -> holds(one, "Accepted")).isPresent(),
        parent.filter(one -> holds(one, "Programmed")).isPresent());
  }

  /** As it is written: the set itself may not be readable. */
  private static ResourceKey gateway(SeenObject set) {
    Map<String, Object> ref = set.parents().isEmpty() ? Map.of() : set.parents().getFirst();
    return new ResourceKey(
        "Gateway",
        String.valueOf(ref.getOrDefault("namespace", set.key().namespace())),
        String.valueOf(ref.get("name")));
  }

  /** As its provisioning has said. */
  private static boolean holds(SeenObject gateway, String type) {
    return gateway.slim().get("status", "conditions") instanceof List<?> conditions
        && conditions.stream()
            .anyMatch(
                one ->
                    one instanceof Map<?, ?> condition
                        && type.equals(condition.get("type"))
                        && "True".equals(condition.get("status")));
  }
}
