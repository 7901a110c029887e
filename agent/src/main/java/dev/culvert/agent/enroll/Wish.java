// SPDX-License-Identifier: Apache-2.0
package dev.culvert.agent.enroll;

/** What shall become of a network namespace. */
enum Wish {
  /** In the mesh. */
  ENROLLED,
  /**
   * Its name is gone while its pod is still wanted: ztunnel lets go of it, so that it can die; but
   * should a process still run inside, it stays redirected, now to nobody.
   */
  SEALED,
  /** Out of the mesh. */
  RELEASED
}
