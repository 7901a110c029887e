// SPDX-License-Identifier: Apache-2.0
package dev.culvert.controlplane.access;

import java.util.Optional;

/** Where a pod runs. May wait for a moment; asked on virtual threads. */
@FunctionalInterface
public interface NodeLookup {
  /**
   * The node of a pod.
   *
   * @param uid tells the pod from an earlier one of its name
   * @return empty when no such pod is running
   */
  Optional<String> nodeOf(String namespace, String pod, String uid);
}
