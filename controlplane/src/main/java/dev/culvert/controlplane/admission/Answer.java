// SPDX-License-Identifier: Apache-2.0
package dev.culvert.controlplane.admission;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * What is answered to a review.
 *
 * @param refusal why the object is not to be stored, and the remedy; empty when it is
 * @param warnings what whoever writes it is told beside
 */
record Answer(String refusal, List<String> warnings) {
  /** That of a resource that is not as it should be, as the API server itself answers it. */
  private static final int UNPROCESSABLE = 422;

  Answer {
    warnings = List.copyOf(warnings);
  }

  static Answer refused(String why) {
    return new Answer(why, List.of());
  }

  static Answer allowed(List<String> warnings) {
    return new Answer("", warnings);
  }

  boolean isAllowed() {
    return refusal.isEmpty();
  }

  /** The review with it (admission.k8s.io/v1). */
  Map<String, Object> json(String uid) {
    Map<String, Object> response = new LinkedHashMap<>();
    response.put("uid", uid);
    response.put("allowed", isAllowed());
    if (!isAllowed()) {
      response.put(
          "status", Map.of("code", UNPROCESSABLE, "reason", "Invalid", "message", refusal));
    }
    if (!warnings.isEmpty()) {
      response.put("warnings", warnings);
    }
    return Map.of("apiVersion", Review.API_VERSION, "kind", Review.KIND, "response", response);
  }
}
