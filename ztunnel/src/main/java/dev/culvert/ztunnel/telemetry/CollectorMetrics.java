// SPDX-License-Identifier: Apache-2.0
package dev.culvert.ztunnel.telemetry;

import com.sun.management.ThreadMXBean;
import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.FunctionTimer;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.binder.BaseUnits;
import io.micrometer.core.instrument.binder.MeterBinder;
import java.lang.management.GarbageCollectorMXBean;
import java.lang.management.ManagementFactory;
import java.lang.management.MemoryPoolMXBean;
import java.lang.management.MemoryType;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.function.ToDoubleFunction;

/**
 * What the garbage collector did, by Micrometer's names, and asked for only when metrics are read.
 * Micrometer's own binder is told of each collection, on a thread that takes half a millisecond for
 * it, as much as the collection itself.
 */
final class CollectorMetrics implements MeterBinder {

  @Override
  public void bindTo(MeterRegistry registry) {
    ManagementFactory.getGarbageCollectorMXBeans().forEach(bean -> pauses(registry, bean));
    if (ManagementFactory.getThreadMXBean() instanceof ThreadMXBean threads) {
      allocated(registry, threads);
    }
    ManagementFactory.getMemoryPoolMXBeans().stream()
        .filter(pool -> pool.getType() == MemoryType.HEAP && isOld(pool.getName()))
        .forEach(pool -> old(registry, pool));
  }

  private static void pauses(MeterRegistry registry, GarbageCollectorMXBean bean) {
    FunctionTimer.builder(
            "jvm.gc.pause",
            bean,
            GarbageCollectorMXBean::getCollectionCount,
            GarbageCollectorMXBean::getCollectionTime,
            TimeUnit.MILLISECONDS)
        .tag("gc", bean.getName())
        .description("Collections, and how long the proxy stood still for them.")
        .register(registry);
  }

  private static void allocated(MeterRegistry registry, ThreadMXBean threads) {
    FunctionCounter.builder(
            "jvm.gc.memory.allocated", threads, ThreadMXBean::getTotalThreadAllocatedBytes)
        .baseUnit(BaseUnits.BYTES)
        .description("What was allocated on the heap.")
        .register(registry);
  }

  private static void old(MeterRegistry registry, MemoryPoolMXBean pool) {
    bytes(
        registry,
        pool,
        "jvm.gc.live.data.size",
        "What of the old generation was in use after its last collection.",
        old ->
            Optional.ofNullable(old.getCollectionUsage()).map(usage -> usage.getUsed()).orElse(0L));
    bytes(
        registry,
        pool,
        "jvm.gc.max.data.size",
        "What the old generation may grow to.",
        old -> old.getUsage().getMax());
  }

  private static void bytes(
      MeterRegistry registry,
      MemoryPoolMXBean pool,
      String name,
      String description,
      ToDoubleFunction<MemoryPoolMXBean> value) {
    Gauge.builder(name, pool, value)
        .baseUnit(BaseUnits.BYTES)
        .description(description)
        .strongReference(true)
        .register(registry);
  }

  /** As HotSpot's collectors name it: Tenured Gen, PS Old Gen, G1 Old Gen. */
  private static boolean isOld(String pool) {
    return pool.contains("Tenured Gen") || pool.contains("Old Gen");
  }
}
