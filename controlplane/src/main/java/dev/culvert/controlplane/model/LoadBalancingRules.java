// SPDX-License-Identifier: Apache-2.0
package dev.culvert.controlplane.model;

import static dev.culvert.policy.wire.workload.LoadBalancing.Scope.NETWORK;
import static dev.culvert.policy.wire.workload.LoadBalancing.Scope.NODE;
import static dev.culvert.policy.wire.workload.LoadBalancing.Scope.REGION;
import static dev.culvert.policy.wire.workload.LoadBalancing.Scope.SUBZONE;
import static dev.culvert.policy.wire.workload.LoadBalancing.Scope.ZONE;

import dev.culvert.policy.resource.ObjectMeta;
import dev.culvert.policy.resource.ServiceEntryResource;
import dev.culvert.policy.resource.ServiceResource;
import dev.culvert.policy.wire.workload.LoadBalancing;
import dev.culvert.policy.wire.workload.LoadBalancing.HealthPolicy;
import dev.culvert.policy.wire.workload.LoadBalancing.Mode;
import dev.culvert.policy.wire.workload.LoadBalancing.Scope;
import java.util.List;
import java.util.Optional;

/**
 * Which endpoints a service prefers, from the fields that Kubernetes has for it, or else from an
 * annotation of the service or its namespace.
 */
final class LoadBalancingRules {
  private static final String ANNOTATION = "networking.istio.io/traffic-distribution";

  private LoadBalancingRules() {}

  /** Empty when any healthy endpoint is as good as another. */
  static Optional<LoadBalancing> of(ServiceResource service, ObjectMeta namespace) {
    LoadBalancing.Builder rules = LoadBalancing.newBuilder();
    if (service.publishNotReadyAddresses()) {
      rules.setHealthPolicy(HealthPolicy.ALLOW_ALL);
    }
    if (service.internalTrafficPolicy().equals("Local")) {
      rules.setMode(Mode.STRICT).addRoutingPreference(NODE);
    } else {
      String written = service.trafficDistribution();
      prefer(rules, written.isEmpty() ? annotated(service.metadata(), namespace) : written);
    }
    return unlessEmpty(rules);
  }

  /**
   * The same of a service entry.
   *
   * @param passes whether connections go where they were opened to
   */
  static Optional<LoadBalancing> of(
      ServiceEntryResource service, boolean passes, ObjectMeta namespace) {
    LoadBalancing.Builder rules = LoadBalancing.newBuilder();
    if (passes) {
      rules.setMode(Mode.PASSTHROUGH);
    } else {
      prefer(rules, annotated(service.metadata(), namespace));
    }
    return unlessEmpty(rules);
  }

  private static String annotated(ObjectMeta service, ObjectMeta namespace) {
    return service.annotation(ANNOTATION).or(() -> namespace.annotation(ANNOTATION)).orElse("");
  }

  private static void prefer(LoadBalancing.Builder rules, String distribution) {
    List<Scope> scopes =
        switch (distribution) {
          case "PreferClose", "PreferSameZone" -> List.of(NETWORK, REGION, ZONE);
          case "PreferSameNode" -> List.of(NETWORK, REGION, ZONE, SUBZONE, NODE);
          default -> List.of();
        };
    if (!scopes.isEmpty()) {
      rules.setMode(Mode.FAILOVER).addAllRoutingPreference(scopes);
    }
  }

  private static Optional<LoadBalancing> unlessEmpty(LoadBalancing.Builder rules) {
    LoadBalancing built = rules.build();
    return Optional.of(built).filter(one -> !one.equals(LoadBalancing.getDefaultInstance()));
  }
}
