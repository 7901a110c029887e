// SPDX-License-Identifier: Apache-2.0
package dev.culvert.policy.resource;

import dev.culvert.policy.traffic.Traffic;
import java.util.List;

/**
 * How requests to services are carried, where no resource of the Gateway API says it.
 *
 * @param targetRefs Services of its namespace
 */
public record TrafficPolicy(ObjectMeta metadata, List<TargetRef> targetRefs, Traffic traffic)
    implements Resource {

  public TrafficPolicy {
    targetRefs = List.copyOf(targetRefs);
  }

  @Override
  public String kind() {
    return "TrafficPolicy";
  }
}
