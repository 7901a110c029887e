// SPDX-License-Identifier: Apache-2.0
package dev.culvert.policy.mesh;

import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;

/** Which workloads take HBONE themselves, without a proxy of their node: waypoints, for example. */
public final class NativeTunnel {
  /** The labels that say so, ours before Istio's. */
  public static final List<String> LABELS =
      List.of("culvert.dev/tunnel", "networking.istio.io/tunnel");

  /** Istio calls HBONE {@code http}, and lists what a workload takes. */
  private static final Set<String> HBONE = Set.of("hbone", "http");

  private NativeTunnel() {}

  /** Whether labels say that the workload takes HBONE itself. */
  public static boolean isSaidBy(Map<String, String> labels) {
    return LABELS.stream()
        .filter(labels::containsKey)
        .findFirst()
        .filter(label -> Stream.of(labels.get(label).split(",", -1)).anyMatch(HBONE::contains))
        .isPresent();
  }
}
