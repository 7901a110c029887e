// SPDX-License-Identifier: Apache-2.0
package dev.culvert.ztunnel.admin;

import java.util.List;
import java.util.Optional;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;

/** Whether the proxy can take traffic, and if not, what it waits for. */
public final class Readiness {
  /**
   * One thing that must be true.
   *
   * @param waitingFor what is missing as long as it is not, for people
   */
  public record Condition(Supplier<String> waitingFor, BooleanSupplier met) {}

  private final List<Condition> conditions;

  /** Ready when all are met; asked each time, because a proxy can become unready again. */
  public Readiness(List<Condition> conditions) {
    this.conditions = List.copyOf(conditions);
  }

  /** What it waits for; empty when ready. */
  public Optional<String> waitingFor() {
    List<String> missing =
        conditions.stream()
            .filter(condition -> !condition.met().getAsBoolean())
            .map(condition -> condition.waitingFor().get())
            .toList();
    return missing.isEmpty() ? Optional.empty() : Optional.of(String.join("; ", missing));
  }
}
