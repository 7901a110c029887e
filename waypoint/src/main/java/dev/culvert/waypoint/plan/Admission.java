// SPDX-License-Identifier: Apache-2.0
package dev.culvert.waypoint.plan;

/** Whether a request may go now. Any thread; never waits. */
@FunctionalInterface
public interface Admission {
  /** Every one. */
  Admission FREE = () -> 0;

  /** Lets one go: 0, or in how many nanoseconds the next one may. */
  long take();
}
