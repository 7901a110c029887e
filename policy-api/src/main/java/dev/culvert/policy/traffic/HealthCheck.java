// SPDX-License-Identifier: Apache-2.0
package dev.culvert.policy.traffic;

import java.time.Duration;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;

/**
 * How each endpoint is asked whether it is well. One is well until it is known not to be.
 *
 * @param interval between two questions
 * @param timeout until it must have answered
 * @param unhealthyThreshold so many bad answers in a row make it ill
 * @param healthyThreshold so many good ones make it well again
 */
public record HealthCheck(
    Duration interval,
    Duration timeout,
    int unhealthyThreshold,
    int healthyThreshold,
    Probe probe) {

  /** What is asked. */
  public sealed interface Probe {
    /** Where, if not where requests go. */
    OptionalInt port();
  }

  /**
   * GET.
   *
   * @param host empty for the service's own name
   * @param statuses those that are good
   */
  public record Http(OptionalInt port, String path, Optional<String> host, Set<Integer> statuses)
      implements Probe {
    public Http {
      statuses = Set.copyOf(statuses);
    }
  }

  /** {@code grpc.health.v1.Health/Check}, which must answer SERVING. */
  public record Grpc(OptionalInt port, String service) implements Probe {}

  /** A connection. */
  public record Tcp(OptionalInt port) implements Probe {}
}
