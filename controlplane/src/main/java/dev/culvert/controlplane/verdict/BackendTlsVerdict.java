// SPDX-License-Identifier: Apache-2.0
package dev.culvert.controlplane.verdict;

import dev.culvert.controlplane.status.Condition;
import dev.culvert.policy.resource.GatewayResource;
import java.util.List;

/**
 * What a BackendTLSPolicy is.
 *
 * @param ancestors the front doors and waypoints that send requests or connections to its services
 * @param conditions the same for each of them
 */
record BackendTlsVerdict(List<GatewayResource> ancestors, List<Condition> conditions) {
  BackendTlsVerdict {
    ancestors = List.copyOf(ancestors);
    conditions = List.copyOf(conditions);
  }
}
