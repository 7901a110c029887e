// SPDX-License-Identifier: Apache-2.0
package dev.culvert.controlplane.provision;

import dev.culvert.policy.mesh.FrontDoor;
import dev.culvert.policy.resource.GatewayResource;
import io.fabric8.kubernetes.api.model.GenericKubernetesResource;
import io.fabric8.kubernetes.api.model.ObjectMeta;
import io.fabric8.kubernetes.api.model.OwnerReference;
import io.fabric8.kubernetes.api.model.OwnerReferenceBuilder;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** What tells an object that was made for a Gateway from one of somebody else. */
final class Marks {
  /** The value of a label cannot have a slash. */
  private static final String MANAGED_LABEL = "gateway.culvert.dev/managed";

  private static final String WAYPOINT = "culvert.dev-waypoint-controller";

  private static final String DOOR = "culvert.dev-gateway-controller";
  private static final String NAME_LABEL = GatewayResource.NAME_LABEL;

  private Marks() {}

  /** What selects the pods of a Gateway. */
  static Map<String, Object> selector(GatewayResource gateway) {
    return Map.of(NAME_LABEL, gateway.metadata().name());
  }

  /** Labels of the Gateway's {@code infrastructure} with ours, which cannot be replaced. */
  static Map<String, String> labels(GatewayResource gateway) {
    Map<String, String> labels = new HashMap<>(gateway.infrastructure().labels());
    labels.put(NAME_LABEL, gateway.metadata().name());
    labels.put(MANAGED_LABEL, FrontDoor.isOne(gateway) ? DOOR : WAYPOINT);
    return labels;
  }

  /** Kubernetes removes what it owns when the Gateway goes. */
  static OwnerReference owner(GatewayResource gateway) {
    return new OwnerReferenceBuilder()
        .withApiVersion("gateway.networking.k8s.io/v1")
        .withKind("Gateway")
        .withName(gateway.metadata().name())
        .withUid(gateway.metadata().uid())
        .withController(true)
        .withBlockOwnerDeletion(true)
        .build();
  }

  static boolean isOf(GenericKubernetesResource object, GatewayResource gateway) {
    ObjectMeta metadata = object.getMetadata();
    List<OwnerReference> owners =
        metadata.getOwnerReferences() == null ? List.of() : metadata.getOwnerReferences();
    Map<String, String> labels = metadata.getLabels() == null ? Map.of() : metadata.getLabels();
    return Set.of(WAYPOINT, DOOR).contains(labels.getOrDefault(MANAGED_LABEL, ""))
        && owners.stream()
            .anyMatch(
                owner ->
                    Boolean.TRUE.equals(owner.getController())
                        && owner.getUid().equals(gateway.metadata().uid()));
  }
}
