// SPDX-License-Identifier: Apache-2.0
package dev.culvert.waypoint.plan;

/** What a destination has for a request: an endpoint, or none and why. */
public sealed interface Pick permits Target, Pick.None {
  /**
   * No endpoint.
   *
   * @param missing whether there is no such destination, or it may not be named
   * @param reason for the log
   */
  record None(boolean missing, String reason) implements Pick {}
}
