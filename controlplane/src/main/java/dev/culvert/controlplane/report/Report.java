// SPDX-License-Identifier: Apache-2.0
package dev.culvert.controlplane.report;

import dev.culvert.controlplane.source.kubernetes.Sightings;
import dev.culvert.controlplane.status.WantedStatus;
import dev.culvert.controlplane.verdict.Said;
import dev.culvert.controlplane.verdict.Statuses;
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
      case "AuthorizationPolicy", "PeerAuthentication", "RequestAuthentication" ->
          statuses.ofPolicy(object.key(), origin, objects.isOverridden(object));
      case "HTTPRoute", "GRPCRoute" -> statuses.ofRoute(object.key(), origin, object.parents());
      case "Gateway" ->
          statuses.ofGateway(object.key(), origin, object.className(), isProgrammed(object));
      case "Service", "ServiceEntry" -> statuses.ofService(object.key(), object.others());
      default -> Optional.empty();
    };
  }

  /** As its provisioning has said. */
  private static boolean isProgrammed(SeenObject gateway) {
    return gateway.slim().get("status", "conditions") instanceof List<?> conditions
        && conditions.stream()
            .anyMatch(
                one ->
                    one instanceof Map<?, ?> condition
                        && "Programmed".equals(condition.get("type"))
                        && "True".equals(condition.get("status")));
  }
}
