// SPDX-License-Identifier: Apache-2.0
package dev.culvert.policy.resource;

/** Where a pod is in its life. */
public enum PodPhase {
  /** Accepted, not yet running. */
  PENDING,
  /** Running; also when no phase is written. */
  RUNNING,
  /** Ended well, for good. */
  SUCCEEDED,
  /** Ended badly, for good. */
  FAILED,
  /** Its node does not answer. */
  UNKNOWN
}
