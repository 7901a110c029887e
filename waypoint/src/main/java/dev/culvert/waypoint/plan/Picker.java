// SPDX-License-Identifier: Apache-2.0
package dev.culvert.waypoint.plan;

/** Chooses the endpoint of each request to a destination. Any thread; never waits. */
@FunctionalInterface
public interface Picker {
  /** The endpoint of the next request. */
  Pick next(Asking asking);

  /** What becomes of its requests beside that. */
  default Treatment treatment() {
    return Treatment.STANDARD;
  }
}
