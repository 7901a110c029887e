// SPDX-License-Identifier: Apache-2.0
package dev.culvert.ztunnel.telemetry;

import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Tags;
import io.micrometer.core.instrument.binder.jvm.JvmMemoryMetrics;
import io.micrometer.core.instrument.binder.jvm.JvmThreadMetrics;
import io.micrometer.core.instrument.binder.netty4.NettyAllocatorMetrics;
import io.micrometer.core.instrument.binder.netty4.NettyEventExecutorMetrics;
import io.micrometer.core.instrument.binder.system.FileDescriptorMetrics;
import io.micrometer.core.instrument.binder.system.ProcessorMetrics;
import io.micrometer.core.instrument.binder.system.UptimeMetrics;
import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.ByteBufAllocatorMetricProvider;
import io.netty.channel.EventLoopGroup;
import java.util.function.IntSupplier;

/** What is measured of the process as a whole. */
public final class ProcessMetrics {
  private ProcessMetrics() {}

  /**
   * Registers them.
   *
   * @param workers the event loops, whose waiting tasks are shown
   * @param transport the transport in use, shown as a label
   * @param tlsEngine the TLS engine in use, shown as a label
   */
  public static void register(
      MeterRegistry registry,
      EventLoopGroup workers,
      String version,
      String transport,
      String tlsEngine) {
    gauge(registry, "istio_build", () -> 1, Tags.of("component", "ztunnel", "tag", version));
    Tags choices = Tags.of("transport", transport, "tls_engine", tlsEngine);
    gauge(registry, "culvert_ztunnel_engine", () -> 1, choices);
    new NettyEventExecutorMetrics(workers).bindTo(registry);
    if (ByteBufAllocator.DEFAULT instanceof ByteBufAllocatorMetricProvider buffers) {
      new NettyAllocatorMetrics(buffers).bindTo(registry);
    }
    new JvmMemoryMetrics().bindTo(registry);
    new JvmThreadMetrics().bindTo(registry);
    new CollectorMetrics().bindTo(registry);
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
