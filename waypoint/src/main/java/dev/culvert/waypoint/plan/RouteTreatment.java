// SPDX-License-Identifier: Apache-2.0
package dev.culvert.waypoint.plan;

import dev.culvert.policy.traffic.Faults;
import java.util.Optional;

/**
 * What becomes of a route's requests, whatever is said of the destinations that they go to.
 *
 * @param retries empty for those of the destination
 * @param faults none for those of the destination
 * @param admission empty for that of the destination
 */
public record RouteTreatment(
    Optional<Retries> retries, Faults faults, Optional<Admission> admission) {
  /** Of routes that no policy is for. */
  public static final RouteTreatment NONE =
      new RouteTreatment(Optional.empty(), Faults.NONE, Optional.empty());

  /** What becomes of those that go to a destination. */
  Treatment over(Treatment destination) {
    return new Treatment(
        retries.orElse(destination.retries()),
        faults.equals(Faults.NONE) ? destination.faults() : faults,
        admission.orElse(destination.admission()));
  }
}
