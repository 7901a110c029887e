// SPDX-License-Identifier: Apache-2.0
package dev.culvert.ztunnel.telemetry;

import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Tags;
import io.micrometer.core.instrument.binder.jvm.JvmMemoryMetrics;
import io.micrometer.core.instrument.binder.jvm.JvmThreadMetrics;
import io.micrometer.core.instrument.binder.system.FileDescriptorMetrics;
import io.micrometer.core.instrument.binder.system.ProcessorMetrics;
import io.micrometer.core.instrument.binder.system.UptimeMetrics;
import java.util.function.IntSupplier;

/** What is measured of the process as a whole. */
public final class ProcessMetrics {
  private ProcessMetrics() {}

  /**
   * Registers them.
   *
   * @param transport the transport in use, shown as a label
   * @param tlsEngine the TLS engine in use, shown as a label
   * @param pods how many pods are up
   * @param pending how many could not be added yet
   */
  public static void register(
      MeterRegistry registry,
      String version,
      String transport,
      String tlsEngine,
      IntSupplier pods,
      IntSupplier pending) {
    gauge(registry, "istio_build", () -> 1, Tags.of("component", "ztunnel", "tag", version));
    Tags choices = Tags.of("transport", transport, "tls_engine", tlsEngine);
    gauge(registry, "culvert_ztunnel_engine", () -> 1, choices);
    gauge(registry, "istio_active_proxy_count", pods, Tags.empty());
    gauge(registry, "istio_pending_proxy_count", pending, Tags.empty());
    new JvmMemoryMetrics().bindTo(registry);
    new JvmThreadMetrics().bindTo(registry);
    new ProcessorMetrics().bindTo(registry);
    new FileDescriptorMetrics().bindTo(registry);
    new UptimeMetrics().bindTo(registry);
  }

  private static void gauge(MeterRegistry registry, String name, IntSupplier value, Tags tags) {
    Gauge.builder(name, value, IntSupplier::getAsInt)
        .strongReference(true)
        .tags(tags)
        .register(registry);
  }
}
