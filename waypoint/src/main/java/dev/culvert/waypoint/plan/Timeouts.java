// SPDX-License-Identifier: Apache-2.0
package dev.culvert.waypoint.plan;

import java.time.Duration;

/**
 * Gateway API, HTTPRouteTimeouts; zero is no time-out.
 *
 * @param request from the request's head to the last byte of its response
 * @param backendRequest the same for each attempt
 */
public record Timeouts(Duration request, Duration backendRequest) {
  /** None. */
  public static final Timeouts NONE = new Timeouts(Duration.ZERO, Duration.ZERO);
}
