// SPDX-License-Identifier: Apache-2.0
package dev.culvert.controlplane.discovery;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import java.util.Collection;

/** Streams and what is sent on them, by the names that Istio's control plane has. */
final class DiscoveryCounts {
  private static final String OTHER = "other";

  private final MeterRegistry registry;

  DiscoveryCounts(MeterRegistry registry, Collection<DiscoveryStream> streams) {
    this.registry = registry;
    Gauge.builder("pilot_xds", streams, Collection::size)
        .description("proxies that have a stream open")
        .strongReference(true)
        .register(registry);
  }

  void pushed(String type) {
    of("pilot_xds_pushes", type).increment();
  }

  void rejected(String type) {
    of("pilot_total_xds_rejects", type).increment();
  }

  /** A proxy may ask for types of any name; they are no labels. */
  private Counter of(String name, String type) {
    boolean served = TypeUrl.SERVED.contains(type);
    String label = served ? type.substring(type.lastIndexOf('.') + 1) : OTHER;
    return registry.counter(name, "type", label);
  }
}
