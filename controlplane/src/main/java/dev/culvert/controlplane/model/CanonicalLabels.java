// SPDX-License-Identifier: Apache-2.0
package dev.culvert.controlplane.model;

import dev.culvert.policy.resource.ObjectMeta;
import java.util.List;
import java.util.Optional;

/**
 * The name and revision that telemetry groups pods by; the labels that Istio takes, in its order.
 */
final class CanonicalLabels {
  private static final List<String> NAME =
      List.of("service.istio.io/canonical-name", "app.kubernetes.io/name", "app");
  private static final List<String> REVISION =
      List.of("service.istio.io/canonical-revision", "app.kubernetes.io/version", "version");

  private CanonicalLabels() {}

  static String name(ObjectMeta pod, WorkloadOwner owner) {
    return first(pod, NAME).orElse(owner.name());
  }

  static String revision(ObjectMeta pod) {
    return first(pod, REVISION).orElse("latest");
  }

  private static Optional<String> first(ObjectMeta pod, List<String> labels) {
    return labels.stream()
        .flatMap(label -> pod.label(label).stream())
        .filter(value -> !value.isEmpty())
        .findFirst();
  }
}
