// SPDX-License-Identifier: Apache-2.0
package dev.culvert.ztunnel.limits;

import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;

/** Limits that a test is within, or means to reach. */
public final class TestLimits {
  /** More than any test needs. */
  public static final LimitSettings WIDE =
      new LimitSettings(
          100_000, 100_000, 100_000, 100_000, 100_000, 100_000, 1_000_000, Long.MAX_VALUE);

  private TestLimits() {}

  /** A node with these limits, whose counts nobody reads. */
  public static NodeLimits node(LimitSettings settings) {
    return node(settings, new SimpleMeterRegistry());
  }

  /** A node with these limits, counted there. */
  public static NodeLimits node(LimitSettings settings, MeterRegistry registry) {
    return new NodeLimits(settings, registry);
  }

  /** How many sockets are counted now. */
  public static double descriptors(MeterRegistry registry) {
    return registry.get("culvert_limit_descriptors").gauge().value();
  }

  /** How often a limit was reached. */
  public static double refused(MeterRegistry registry, String limit) {
    return registry.get("culvert_limit_refused").tag("limit", limit).counter().count();
  }
}
