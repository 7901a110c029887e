// SPDX-License-Identifier: Apache-2.0
package dev.culvert.controlplane.model;

import static dev.culvert.policy.wire.workload.LoadBalancing.Scope.NETWORK;
import static dev.culvert.policy.wire.workload.LoadBalancing.Scope.NODE;
import static dev.culvert.policy.wire.workload.LoadBalancing.Scope.REGION;
import static dev.culvert.policy.wire.workload.LoadBalancing.Scope.SUBZONE;
import static dev.culvert.policy.wire.workload.LoadBalancing.Scope.ZONE;

import dev.culvert.policy.resource.ServiceResource;
import dev.culvert.policy.wire.workload.LoadBalancing;
import dev.culvert.policy.wire.workload.LoadBalancing.HealthPolicy;
import dev.culvert.policy.wire.workload.LoadBalancing.Mode;
import dev.culvert.policy.wire.workload.LoadBalancing.Scope;
import java.util.List;
import java.util.Optional;

/** Which endpoints a service prefers, from the fields that Kubernetes has for it. */
final class LoadBalancingRules {
  private LoadBalancingRules() {}

  /** Empty when any healthy endpoint is as good as another. */
  static Optional<LoadBalancing> of(ServiceResource service) {
    LoadBalancing.Builder rules = LoadBalancing.newBuilder();
    if (service.publishNotReadyAddresses()) {
      rules.setHealthPolicy(HealthPolicy.ALLOW_ALL);
    }
    if (service.internalTrafficPolicy().equals("Local")) {
      rules.setMode(Mode.STRICT).addRoutingPreference(NODE);
    } else if (!preference(service).isEmpty()) {
      rules.setMode(Mode.FAILOVER).addAllRoutingPreference(preference(service));
    }
    LoadBalancing built = rules.build();
    return Optional.of(built).filter(one -> !one.equals(LoadBalancing.getDefaultInstance()));
  }

  private static List<Scope> preference(ServiceResource service) {
    return switch (service.trafficDistribution()) {
      case "PreferClose", "PreferSameZone" -> List.of(NETWORK, REGION, ZONE);
      case "PreferSameNode" -> List.of(NETWORK, REGION, ZONE, SUBZONE, NODE);
      default -> List.of();
    };
  }
}
