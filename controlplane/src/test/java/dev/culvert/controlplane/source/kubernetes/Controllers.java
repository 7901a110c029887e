// SPDX-License-Identifier: Apache-2.0
package dev.culvert.controlplane.source.kubernetes;

import io.fabric8.kubernetes.api.model.GenericKubernetesResource;
import java.util.List;
import java.util.Map;

/** What a cluster's own controllers make of objects, done at once. */
final class Controllers {
  private Controllers() {}

  /** Workloads run. */
  static void complete(GenericKubernetesResource object) {
    switch (object.getKind()) {
      case "DaemonSet" ->
          object.setAdditionalProperty(
              "status",
              Map.of(
                  "observedGeneration", object.getMetadata().getGeneration(),
                  "desiredNumberScheduled", 2,
                  "updatedNumberScheduled", 2,
                  "numberAvailable", 2));
      case "Deployment" -> {
        Object replicas = object.get("spec", "replicas");
        Object wanted = replicas == null ? 1 : replicas;
        object.setAdditionalProperty(
            "status",
            Map.of(
                "observedGeneration", object.getMetadata().getGeneration(),
                "replicas", wanted,
                "updatedReplicas", wanted,
                "availableReplicas", wanted));
      }
      case "CustomResourceDefinition" ->
          object.setAdditionalProperty(
              "status",
              Map.of("conditions", List.of(Map.of("type", "Established", "status", "True"))));
      default -> {
        // Nothing is made of it.
      }
    }
  }

  /** The collections that a CustomResourceDefinition has served; none for any other object. */
  static List<String> served(GenericKubernetesResource object) {
    if (!object.getKind().equals("CustomResourceDefinition")) {
      return List.of();
    }
    List<Map<String, Object>> versions = object.get("spec", "versions");
    return versions.stream()
        .map(
            version ->
                "%s/%s/%s"
                    .formatted(
                        object.<String>get("spec", "group"),
                        version.get("name"),
                        object.<String>get("spec", "names", "plural")))
        .toList();
  }
}
