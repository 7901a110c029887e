// SPDX-License-Identifier: Apache-2.0
package dev.culvert.waypoint.accept;

import java.time.Duration;

/**
 * What a client may take.
 *
 * @param maxHeadBytes of a request's line and header fields together
 * @param maxHeaders header fields of a request
 * @param headTimeout from the first byte of a request's head to its last
 * @param keepAlive how long a connection may wait for its next request
 * @param streamIdle how long an exchange may go on without a byte
 * @param maxStreams concurrent requests of an HTTP/2 connection
 * @param streamWindow bytes of a request body that wait for the backend, for each request
 */
public record AcceptSettings(
    int maxHeadBytes,
    int maxHeaders,
    Duration headTimeout,
    Duration keepAlive,
    Duration streamIdle,
    int maxStreams,
    int streamWindow) {

  /** The defaults: Envoy's at an edge, except that heads are bounded in time. */
  public static final AcceptSettings STANDARD =
      new AcceptSettings(
          60 * 1024,
          100,
          Duration.ofSeconds(10),
          Duration.ofHours(1),
          Duration.ofMinutes(5),
          100,
          256 * 1024);
}
