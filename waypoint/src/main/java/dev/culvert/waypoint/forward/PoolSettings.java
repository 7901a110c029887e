// SPDX-License-Identifier: Apache-2.0
package dev.culvert.waypoint.forward;

import dev.culvert.waypoint.plan.Target;
import java.time.Duration;

/**
 * The bounds of connections to backends.
 *
 * @param connectTimeout until a connection is established
 * @param idle how long an unused connection is kept; below the 75 s and 60 s after which common
 *     servers close theirs
 * @param maxConnections to one endpoint from one event loop
 * @param maxWaiting requests that may wait for one of them
 * @param responseWindow bytes of a response that wait for the client
 * @param maxHeadBytes of a response
 */
public record PoolSettings(
    Duration connectTimeout,
    Duration idle,
    int maxConnections,
    int maxWaiting,
    int responseWindow,
    int maxHeadBytes) {

  /** Long enough for a client's next request, and no more: nobody else has a use for it. */
  private static final Duration OF_ONE_CLIENT = Duration.ofSeconds(5);

  /** How long an unused connection to this endpoint is kept. */
  Duration idle(Target target) {
    Duration usual = target.bounds().limits().idleTimeout().orElse(idle);
    boolean ofOneClient = target.proxyHeader().filter(one -> one.of().isPresent()).isPresent();
    return ofOneClient && usual.compareTo(OF_ONE_CLIENT) > 0 ? OF_ONE_CLIENT : usual;
  }

  /** The defaults: Envoy's, except that a connect takes at most 5 s as in HAProxy's examples. */
  public static final PoolSettings STANDARD =
      new PoolSettings(
          Duration.ofSeconds(5), Duration.ofSeconds(50), 1024, 1024, 256 * 1024, 60 * 1024);
}
