// SPDX-License-Identifier: Apache-2.0
package dev.culvert.ztunnel.limits;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import java.util.EnumMap;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.LongSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Counts what is refused, and names it: a flood must not become one of the log. */
final class Refusals {
  private static final Logger LOG = LoggerFactory.getLogger(Refusals.class);
  private static final long QUIET_NANOS = TimeUnit.SECONDS.toNanos(10);

  /** One limit's count, and when it was named last. */
  private record Kind(Counter counter, AtomicLong unnamed, AtomicLong nextLine) {}

  private final Map<Limit, Kind> kinds = new EnumMap<>(Limit.class);
  private final LongSupplier nanoTime;

  Refusals(MeterRegistry registry, LongSupplier nanoTime) {
    this.nanoTime = nanoTime;
    for (Limit limit : Limit.values()) {
      Counter counter =
          Counter.builder("culvert_limit_refused")
              .description("Connections and tunnels refused because of a limit.")
              .tag("limit", limit.name().toLowerCase(Locale.ROOT))
              .register(registry);
      kinds.put(limit, new Kind(counter, new AtomicLong(), new AtomicLong(nanoTime.getAsLong())));
    }
  }

  void refused(Limit limit, String pod) {
    Kind kind = kinds.get(limit);
    kind.counter().increment();
    kind.unnamed().incrementAndGet();
    long now = nanoTime.getAsLong();
    long due = kind.nextLine().get();
    if (now - due >= 0 && kind.nextLine().compareAndSet(due, now + QUIET_NANOS)) {
      LOG.warn(
          "pod {}: {} are at their limit (setting {}); {} refused since this was last told",
          pod,
          limit.name().toLowerCase(Locale.ROOT).replace('_', ' '),
          limit.setting(),
          kind.unnamed().getAndSet(0));
    }
  }
}
