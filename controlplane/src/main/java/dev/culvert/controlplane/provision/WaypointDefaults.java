// SPDX-License-Identifier: Apache-2.0
package dev.culvert.controlplane.provision;

/**
 * What a waypoint is made of where its Gateway says nothing.
 *
 * @param image of Culvert; empty when no waypoints are to be made
 * @param cpu what a replica requests
 * @param memory what a replica requests, and may use at most
 */
public record WaypointDefaults(String image, WaypointSize size, String cpu, String memory) {
  /** Whether waypoints are made. */
  public boolean wanted() {
    return !image.isEmpty();
  }
}
