// SPDX-License-Identifier: Apache-2.0
package dev.culvert.waypoint.forward;

import dev.culvert.waypoint.plan.Bounds;
import dev.culvert.waypoint.plan.Retries;
import dev.culvert.waypoint.plan.RoutePlan;
import dev.culvert.waypoint.plan.Target;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.ThreadLocalRandom;
import org.jspecify.annotations.Nullable;

/**
 * When a request may be sent again: by what its rule says of retries, else by the policy of its
 * destination, and within that policy's budget. On its event loop.
 */
final class Repeats {
  private final RoutePlan plan;
  private final List<Target> tried;
  private Retries retries;
  private Retries.Budget budget = Retries.Budget.UNLIMITED;
  private @Nullable Bounds held;

  /**
   * @param tried those that had it so far
   */
  Repeats(RoutePlan plan, List<Target> tried) {
    this.plan = plan;
    this.tried = tried;
    this.retries = plan.retries();
  }

  /** It goes to a destination. */
  void askedFor(Retries ofDestination) {
    budget = ofDestination.budget();
    if (plan.retries().equals(Retries.STANDARD)) {
      retries = ofDestination;
    }
  }

  /** How long an attempt may take; zero is any time. */
  Duration perTry() {
    Duration ofRule = plan.timeouts().backendRequest();
    return ofRule.isPositive() ? ofRule : retries.perTry();
  }

  /** Whether it is sent again although an endpoint may have acted on it. */
  boolean afterAnyFailure() {
    return retries.anyFailure();
  }

  /**
   * Whether an answer is none.
   *
   * @param grpc the code of a call that is all its answer; else null
   */
  boolean refuses(int status, @Nullable String grpc) {
    return retries.codes().contains(status) || (grpc != null && retries.refusesCall(grpc));
  }

  /** Whether there is an attempt left; it then has its place in the budget. */
  boolean takeNext() {
    return tried.size() <= retries.attempts() && isInBudget();
  }

  /** Once in it, it is until it is over. */
  private boolean isInBudget() {
    Bounds bounds = tried.getLast().bounds();
    if (held == null && bounds.takeRepeated(budget.percent(), budget.least())) {
      held = bounds;
    }
    return held != null;
  }

  /** Whether it was sent as often as it may be, and more than once. */
  boolean isExhausted() {
    return tried.size() > 1 && tried.size() > retries.attempts();
  }

  /** Doubled with each attempt, and spread, so that many clients do not come together. */
  Duration backoff() {
    long doubled = retries.backoff().toNanos() << Math.min(tried.size() - 1, 6);
    long most = Math.min(doubled, retries.maxBackoff().toNanos());
    return Duration.ofNanos(most / 2 + ThreadLocalRandom.current().nextLong(most / 2 + 1));
  }

  /** It is over. */
  void end() {
    if (held != null) {
      held.giveRepeated();
      held = null;
    }
  }
}
