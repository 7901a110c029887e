// SPDX-License-Identifier: Apache-2.0
package dev.culvert.waypoint.plan;

import java.util.List;
import java.util.concurrent.ThreadLocalRandom;
import org.jspecify.annotations.Nullable;

/** What a rule of a route does with its requests. */
public final class RoutePlan {
  private final String name;
  private final Destination[] destinations;
  private final long[] upTo;
  private final long total;
  private final Timeouts timeouts;
  private final Retries retries;

  /**
   * A destination with its share.
   *
   * @param weight 0 takes nothing
   */
  public record Weighted(Destination destination, int weight) {}

  /**
   * @param name as the access log writes it
   * @param backends none makes every request fail with 500
   */
  public RoutePlan(String name, List<Weighted> backends, Timeouts timeouts, Retries retries) {
    this.name = name;
    List<Weighted> taking = backends.stream().filter(backend -> backend.weight > 0).toList();
    this.destinations = taking.stream().map(Weighted::destination).toArray(Destination[]::new);
    this.upTo = new long[destinations.length];
    long sum = 0;
    for (int i = 0; i < upTo.length; i++) {
      sum += taking.get(i).weight;
      upTo[i] = sum;
    }
    this.total = sum;
    this.timeouts = timeouts;
    this.retries = retries;
  }

  /** As the access log writes it. */
  public String name() {
    return name;
  }

  /** How long its requests may take. */
  public Timeouts timeouts() {
    return timeouts;
  }

  /** When they are sent again. */
  public Retries retries() {
    return retries;
  }

  /** A destination by weight, or null when none takes requests. */
  public @Nullable Destination draw() {
    if (destinations.length <= 1) {
      return destinations.length == 0 ? null : destinations[0];
    }
    long drawn = ThreadLocalRandom.current().nextLong(total);
    int i = 0;
    while (drawn >= upTo[i]) {
      i++;
    }
    return destinations[i];
  }
}
