// SPDX-License-Identifier: Apache-2.0
package dev.culvert.waypoint.authorize;

import dev.culvert.waypoint.forward.Calls;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;
import java.util.EnumMap;
import java.util.Map;

/** How providers are asked, and what is counted of their answers. Any thread. */
public final class Inquiries {
  /** What an answer comes to. */
  enum Outcome {
    ALLOWED("allowed"),
    DENIED("denied"),
    /** There was none, or none that could be read. */
    FAILED("failed");

    private final String label;

    Outcome(String label) {
      this.label = label;
    }

    static Outcome of(Decision decision) {
      return switch (decision) {
        case Decision.Allowed _ -> ALLOWED;
        case Decision.Refused _ -> DENIED;
        case Decision.Failed _ -> FAILED;
      };
    }
  }

  private final Calls calls;
  private final MeterRegistry registry;

  public Inquiries(Calls calls, MeterRegistry registry) {
    this.calls = calls;
    this.registry = registry;
  }

  Calls calls() {
    return calls;
  }

  /** How long a provider takes, by what it answers. */
  Map<Outcome, Timer> timers(String provider) {
    Map<Outcome, Timer> timers = new EnumMap<>(Outcome.class);
    for (Outcome outcome : Outcome.values()) {
      timers.put(
          outcome,
          Timer.builder("culvert_external_authorization")
              .tag("provider", provider)
              .tag("outcome", outcome.label)
              .register(registry));
    }
    return timers;
  }
}
