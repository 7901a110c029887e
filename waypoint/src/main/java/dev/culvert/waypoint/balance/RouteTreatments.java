// SPDX-License-Identifier: Apache-2.0
package dev.culvert.waypoint.balance;

import dev.culvert.policy.resource.Resource;
import dev.culvert.policy.resource.ResourceKey;
import dev.culvert.policy.resource.TrafficPolicy;
import dev.culvert.policy.traffic.RetryPolicy;
import dev.culvert.policy.traffic.Traffic;
import dev.culvert.waypoint.plan.Admission;
import dev.culvert.waypoint.plan.Retries;
import dev.culvert.waypoint.plan.RouteTreatment;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * What policies say of all requests of a route. What they count goes on while the policy stays as
 * it is. Any thread.
 */
final class RouteTreatments {
  private record Held(TrafficPolicy policy, RouteTreatment treatment) {}

  private volatile Map<ResourceKey, Held> held = Map.of();

  RouteTreatment of(Resource route) {
    Held found = held.get(route.key());
    return found == null ? RouteTreatment.NONE : found.treatment;
  }

  /**
   * From now on these policies count.
   *
   * @param problems to which those that have no effect are added
   */
  void apply(Stream<TrafficPolicy> oldestFirst, List<String> problems) {
    Map<ResourceKey, Held> next = new HashMap<>();
    oldestFirst.forEach(
        policy ->
            policy
                .targetRefs()
                .forEach(
                    to ->
                        put(
                            next,
                            new ResourceKey(to.kind(), policy.metadata().namespace(), to.name()),
                            policy,
                            problems)));
    held = Map.copyOf(next);
  }

  private void put(
      Map<ResourceKey, Held> next, ResourceKey route, TrafficPolicy policy, List<String> problems) {
    Held older = next.get(route);
    if (older != null) {
      problems.add(
          "%s: %s is for %s already and is older; this one has no effect there"
              .formatted(policy.key(), older.policy.key(), route));
      return;
    }
    Held known = held.get(route);
    boolean same = known != null && known.policy.traffic().equals(policy.traffic());
    next.put(route, new Held(policy, same ? known.treatment : treatment(policy.traffic())));
  }

  private static RouteTreatment treatment(Traffic traffic) {
    Optional<RetryPolicy> retries = traffic.retries();
    return new RouteTreatment(
        retries.map(Retries::of),
        traffic.faults(),
        traffic.rateLimit().<Admission>map(limit -> new TokenBucket(limit, System::nanoTime)));
  }
}
