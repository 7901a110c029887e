// SPDX-License-Identifier: Apache-2.0
package dev.culvert.controlplane.access;

import java.util.Optional;
import java.util.function.Predicate;

/** Finds pods that run. May wait for a moment; asked on virtual threads. */
@FunctionalInterface
public interface PodLookup {
  /**
   * A pod.
   *
   * @param expected what must be true of it; the cluster may say so before we know
   * @return empty when no such pod is running
   */
  Optional<RunningPod> find(String namespace, String pod, Predicate<RunningPod> expected);
}
