// SPDX-License-Identifier: Apache-2.0
package dev.culvert.controlplane.nodes;

import io.fabric8.kubernetes.api.model.GenericKubernetesResource;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * A node that has the taint, as it was seen.
 *
 * @param version its resourceVersion: what is written holds for that only
 * @param others its further taints, as they are in JSON
 */
record TaintedNode(String name, String version, List<Map<?, ?>> others) {

  /** Empty when it does not have the taint, whatever the effect. */
  static Optional<TaintedNode> of(GenericKubernetesResource node, String taint) {
    List<Map<?, ?>> all = maps(node.get("spec", "taints")).toList();
    List<Map<?, ?>> others = all.stream().filter(one -> !taint.equals(one.get("key"))).toList();
    return others.size() == all.size()
        ? Optional.empty()
        : Optional.of(
            new TaintedNode(
                node.getMetadata().getName(), node.getMetadata().getResourceVersion(), others));
  }

  /** A merge patch (RFC 7386), which replaces lists whole. */
  Map<String, Object> withoutTaint() {
    return Map.of("metadata", Map.of("resourceVersion", version), "spec", Map.of("taints", others));
  }

  static Stream<Map<?, ?>> maps(Object list) {
    return list instanceof List<?> all
        ? all.stream().filter(Map.class::isInstance).map(one -> (Map<?, ?>) one)
        : Stream.empty();
  }
}
