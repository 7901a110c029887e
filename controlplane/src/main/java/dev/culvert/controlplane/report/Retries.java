// SPDX-License-Identifier: Apache-2.0
package dev.culvert.controlplane.report;

import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** When what went wrong is tried again: after pauses that double, each thing by itself. */
final class Retries<K> {
  private final Duration first;
  private final Duration longest;
  private final InstantSource clock;
  private final Map<K, Failure> failures = new HashMap<>();

  private record Failure(Duration pause, Instant until) {}

  Retries(Duration first, Duration longest, InstantSource clock) {
    this.first = first;
    this.longest = longest;
    this.clock = clock;
  }

  /** Whether its pause is over, or it has none. */
  boolean isDue(K what) {
    Failure failure = failures.get(what);
    return failure == null || !clock.instant().isBefore(failure.until());
  }

  /** It went wrong; whether for the first time. */
  boolean failed(K what) {
    Failure before = failures.get(what);
    Duration pause =
        before == null ? first : Collections.min(List.of(before.pause().multipliedBy(2), longest));
    failures.put(what, new Failure(pause, clock.instant().plus(pause)));
    return before == null;
  }

  void succeeded(K what) {
    failures.remove(what);
  }
}
