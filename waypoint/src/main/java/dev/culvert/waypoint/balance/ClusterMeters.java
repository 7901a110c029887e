// SPDX-License-Identifier: Apache-2.0
package dev.culvert.waypoint.balance;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Tags;

/** What is counted of a cluster. */
final class ClusterMeters {
  private final Counter ejections;
  private final Counter good;
  private final Counter bad;

  ClusterMeters(MeterRegistry registry, String namespace, String service) {
    Tags tags =
        Tags.of("destination_service_namespace", namespace, "destination_service_name", service);
    this.ejections = registry.counter("culvert_endpoint_ejections", tags);
    this.good = registry.counter("culvert_health_checks", tags.and("outcome", "good"));
    this.bad = registry.counter("culvert_health_checks", tags.and("outcome", "bad"));
  }

  void asked(boolean well) {
    (well ? good : bad).increment();
  }

  void ejected() {
    ejections.increment();
  }
}
