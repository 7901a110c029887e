// SPDX-License-Identifier: Apache-2.0
package dev.culvert.waypoint.plan;

import dev.culvert.policy.traffic.Faults;

/**
 * What becomes of requests to a destination before they are sent, and when they fail.
 *
 * @param retries when they are sent again, where their rule does not say
 * @param faults what is made to go wrong
 * @param admission how many may go
 */
public record Treatment(Retries retries, Faults faults, Admission admission) {
  /** Of destinations that no policy is for. */
  public static final Treatment STANDARD =
      new Treatment(Retries.STANDARD, Faults.NONE, Admission.FREE);
}
