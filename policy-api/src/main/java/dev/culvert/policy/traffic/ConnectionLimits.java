// SPDX-License-Identifier: Apache-2.0
package dev.culvert.policy.traffic;

import java.time.Duration;
import java.util.Optional;

/**
 * What bounds the connections and requests to all endpoints of a service from one proxy.
 *
 * @param maxConnections open at once; each endpoint gets one from each event loop all the same
 * @param maxPendingRequests that wait for a connection
 * @param maxRequests under way at once
 * @param maxRequestsPerConnection after so many it is closed
 * @param connectTimeout empty for the proxy's own
 * @param idleTimeout how long an unused connection is kept; empty for the proxy's own
 */
public record ConnectionLimits(
    int maxConnections,
    int maxPendingRequests,
    int maxRequests,
    int maxRequestsPerConnection,
    Optional<Duration> connectTimeout,
    Optional<Duration> idleTimeout) {

  /** No bound. */
  public static final int UNLIMITED = Integer.MAX_VALUE;

  /** Of services that no policy is for: the proxy's own alone. */
  public static final ConnectionLimits NONE =
      new ConnectionLimits(
          UNLIMITED, UNLIMITED, UNLIMITED, UNLIMITED, Optional.empty(), Optional.empty());
}
