// SPDX-License-Identifier: Apache-2.0
package dev.culvert.controlplane.verdict;

/** The condition of Services and ServiceEntries that use a waypoint. */
final class Bound {
  /** As Istio writes it, so that what reads it there reads it here. */
  static final String TYPE = "istio.io/WaypointBound";

  private Bound() {}
}
