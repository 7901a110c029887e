// SPDX-License-Identifier: Apache-2.0
package dev.culvert.policy.resource;

import dev.culvert.policy.traffic.Traffic;
import java.time.Instant;
import java.util.Comparator;
import java.util.List;

/**
 * How requests to services are carried and how clients of Gateways are taken, where no resource of
 * the Gateway API says it.
 *
 * @param targetRefs Services of its namespace, HTTPRoutes and GRPCRoutes, or Gateways with or
 *     without a listener
 * @param traffic of Services or routes
 * @param proxySources of Gateways: who begins each connection with the PROXY protocol
 */
public record TrafficPolicy(
    ObjectMeta metadata, List<TargetRef> targetRefs, Traffic traffic, List<IpBlock> proxySources)
    implements Resource {
  /** As for all policies that are attached to something (Gateway API, GEP-713). */
  public static final Comparator<TrafficPolicy> OLDEST_FIRST =
      Comparator.comparing(
              (TrafficPolicy policy) -> policy.metadata().creationTimestamp().orElse(Instant.MAX))
          .thenComparing(policy -> policy.metadata().namespace())
          .thenComparing(policy -> policy.metadata().name());

  public TrafficPolicy {
    targetRefs = List.copyOf(targetRefs);
    proxySources = List.copyOf(proxySources);
  }

  @Override
  public String kind() {
    return "TrafficPolicy";
  }

  /** Whether it is for Gateways, and for nothing else then. */
  public boolean isForGateways() {
    return isFor("Gateway");
  }

  /** Whether it is for routes, and for nothing else then. */
  public boolean isForRoutes() {
    return isFor("HTTPRoute") || isFor("GRPCRoute");
  }

  /** Whether it is for Services, and for nothing else then. */
  public boolean isForServices() {
    return isFor("Service");
  }

  private boolean isFor(String kind) {
    return targetRefs.stream().anyMatch(to -> to.kind().equals(kind));
  }
}
