// SPDX-License-Identifier: Apache-2.0
package dev.culvert.controlplane.report;

import dev.culvert.controlplane.status.Condition;
import dev.culvert.controlplane.status.WantedStatus;
import dev.culvert.controlplane.verdict.Verdicts;
import io.fabric8.kubernetes.api.model.GenericKubernetesResource;
import java.util.List;
import java.util.Map;

/**
 * What somebody is to be told at once: what is refused or bound to nothing, and was not so before.
 */
final class BadNews {
  private BadNews() {}

  /**
   * Compares what was said with what is now.
   *
   * @param before the object with its status of before
   */
  static List<Condition> of(GenericKubernetesResource before, WantedStatus now) {
    return now.said().stream()
        .filter(Verdicts::isNews)
        .filter(condition -> !isSaid(before.getAdditionalProperties().get("status"), condition))
        .distinct()
        .toList();
  }

  /** Wherever it stands: a route says it of each parent. */
  private static boolean isSaid(Object status, Condition wanted) {
    return switch (status) {
      case Map<?, ?> map ->
          (wanted.type().equals(map.get("type"))
                  && wanted.reason().equals(map.get("reason"))
                  && wanted.message().equals(map.get("message")))
              || map.values().stream().anyMatch(value -> isSaid(value, wanted));
      case List<?> list -> list.stream().anyMatch(value -> isSaid(value, wanted));
      case null, default -> false;
    };
  }
}
