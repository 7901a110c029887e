// SPDX-License-Identifier: Apache-2.0
package dev.culvert.policy.mesh;

import dev.culvert.policy.resource.ObjectMeta;
import java.util.List;
import java.util.Optional;

/** Labels that have two names, ours and Istio's. */
final class MeshLabels {
  private MeshLabels() {}

  /** Ours goes first. */
  static List<String> both(String name) {
    return List.of("culvert.dev/" + name, "istio.io/" + name);
  }

  static Optional<String> first(ObjectMeta metadata, List<String> labels) {
    return labels.stream()
        .flatMap(label -> metadata.label(label).stream())
        .filter(value -> !value.isEmpty())
        .findFirst();
  }
}
