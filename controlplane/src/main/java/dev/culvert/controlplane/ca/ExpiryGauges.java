// SPDX-License-Identifier: Apache-2.0
package dev.culvert.controlplane.ca;

import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.function.Supplier;

/**
 * When root, chain and serving certificate end, by the names that Istio's authority has: as Unix
 * time, and as seconds that are left (negative when it has ended).
 */
public final class ExpiryGauges {
  private final MeterRegistry registry;
  private final InstantSource clock;

  private ExpiryGauges(MeterRegistry registry, InstantSource clock) {
    this.registry = registry;
    this.clock = clock;
  }

  /** Registers the gauges; they follow every renewal. */
  public static void register(
      MeterRegistry registry,
      CertificateAuthority authority,
      ServingCertificate serving,
      InstantSource clock) {
    ExpiryGauges gauges = new ExpiryGauges(registry, clock);
    gauges.add("citadel_server_root_cert_expiry", authority::rootEnd);
    gauges.add("citadel_server_cert_chain_expiry", authority::chainEnd);
    gauges.add("culvert_serving_cert_expiry", serving::end);
    Gauge.builder("culvert_trusted_roots", authority, one -> one.roots().size())
        .description("more than one while a change of roots goes on")
        .strongReference(true)
        .register(registry);
  }

  private void add(String name, Supplier<Instant> end) {
    Gauge.builder(name + "_timestamp", () -> end.get().getEpochSecond())
        .strongReference(true)
        .register(registry);
    Gauge.builder(name + "_seconds", () -> Duration.between(clock.instant(), end.get()).toSeconds())
        .strongReference(true)
        .register(registry);
  }
}
