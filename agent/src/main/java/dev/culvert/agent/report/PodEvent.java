// SPDX-License-Identifier: Apache-2.0
package dev.culvert.agent.report;

import java.util.Optional;

/**
 * What {@code kubectl describe pod} shows.
 *
 * @param type Normal or Warning
 * @param reason in one word, for machines
 */
record PodEvent(String type, String reason, String message) {
  private static final String NORMAL = "Normal";
  private static final String WARNING = "Warning";

  /** What is news of a pod; empty when there is none. */
  static Optional<PodEvent> of(PodReport pod, String node) {
    if (pod.leftAlone()) {
      return Optional.of(
          new PodEvent(NORMAL, "OutsideMesh", "left out of the mesh: " + pod.note()));
    }
    if (!pod.redirected() && !pod.note().isEmpty()) {
      return Optional.of(
          new PodEvent(
              WARNING,
              "NotInMesh",
              "not in the mesh yet: %s (more in the log of the agent of node %s)"
                  .formatted(pod.note(), node)));
    }
    if (pod.redirected() && !pod.annotated()) {
      return Optional.of(
          new PodEvent(NORMAL, "InMesh", "its connections go through the ztunnel of node " + node));
    }
    return !pod.redirected() && pod.annotated()
        ? Optional.of(new PodEvent(NORMAL, "LeftMesh", "its connections go through no ztunnel"))
        : Optional.empty();
  }
}
