// SPDX-License-Identifier: Apache-2.0
package dev.culvert.waypoint.gateway;

import dev.culvert.policy.resource.ObjectMeta;
import dev.culvert.policy.resource.Resources;
import dev.culvert.policy.resource.TargetRef;
import dev.culvert.policy.resource.TrafficPolicy;
import dev.culvert.waypoint.accept.ProxySources;
import java.util.List;
import java.util.Optional;

/** The load balancers before Gateways that tell of their clients, by TrafficPolicies. */
final class Balancers {
  private final List<TrafficPolicy> oldestFirst;
  private final List<String> problems;

  Balancers(Resources files, List<String> problems) {
    this.problems = problems;
    this.oldestFirst =
        files
            .resources(TrafficPolicy.class)
            .filter(TrafficPolicy::isForGateways)
            .sorted(TrafficPolicy.OLDEST_FIRST)
            .toList();
  }

  /**
   * Those before a port. What they tell comes before it is known which listener a connection is
   * for, so that what is said of one counts for all.
   */
  Optional<ProxySources> of(int port, List<Bound> listeners) {
    List<TrafficPolicy> found =
        listeners.stream().flatMap(one -> of(one).stream()).distinct().toList();
    if (found.size() > 1) {
      problems.add(
          "%s: %s is for port %d already; this one has no effect there"
              .formatted(found.get(1).key(), found.getFirst().key(), port));
    }
    return found.stream().findFirst().map(policy -> ProxySources.of(policy.proxySources()));
  }

  /** A policy for the listener goes before one for its Gateway. */
  private Optional<TrafficPolicy> of(Bound bound) {
    return find(bound, bound.listener().name()).or(() -> find(bound, ""));
  }

  private Optional<TrafficPolicy> find(Bound bound, String section) {
    ObjectMeta gateway = bound.gateway().metadata();
    return oldestFirst.stream()
        .filter(policy -> policy.metadata().namespace().equals(gateway.namespace()))
        .filter(policy -> policy.targetRefs().stream().anyMatch(to -> names(to, bound, section)))
        .findFirst();
  }

  /**
   * A ListenerSet's listeners have names of their own, which a policy of the Gateway cannot mean.
   */
  private static boolean names(TargetRef to, Bound bound, String section) {
    return to.name().equals(bound.gateway().metadata().name())
        && to.section().equals(section)
        && (section.isEmpty() || bound.set().isEmpty());
  }
}
