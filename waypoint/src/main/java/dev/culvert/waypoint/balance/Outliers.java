// SPDX-License-Identifier: Apache-2.0
package dev.culvert.waypoint.balance;

import dev.culvert.policy.traffic.OutlierDetection;
import dev.culvert.waypoint.plan.Usage.Outcome;
import java.time.Duration;
import java.util.Collection;
import java.util.OptionalLong;

/** Judges endpoints by how they answer. Any thread. */
final class Outliers {
  private final OutlierDetection settings;

  Outliers(OutlierDetection settings) {
    this.settings = settings;
  }

  /** Takes an answer down; whether there were as many errors in a row as may be. */
  boolean isTooMuch(Answers answers, Outcome outcome) {
    return switch (outcome) {
      case UNKNOWN -> false;
      case ANSWERED -> {
        answers.errorsEnd();
        yield false;
      }
      case SERVER_ERROR -> {
        answers.gatewayErrorsEnd();
        yield reaches(answers.serverError(), settings.consecutive5xxErrors());
      }
      case GATEWAY_ERROR, NO_ANSWER -> {
        boolean gateway = reaches(answers.gatewayError(), settings.consecutiveGatewayErrors());
        yield reaches(answers.serverError(), settings.consecutive5xxErrors()) || gateway;
      }
    };
  }

  private static boolean reaches(int errors, int most) {
    return most > 0 && errors >= most;
  }

  /**
   * Sets an endpoint aside, if not too many are.
   *
   * @param all of the cluster
   * @return for how many nanoseconds
   */
  OptionalLong setAside(Endpoint bad, Collection<Endpoint> all) {
    long now = System.nanoTime();
    long aside = all.stream().filter(one -> !one.isUsable(now)).count();
    boolean first = aside == 0 && settings.maxEjectionPercent() > 0;
    if (all.size() <= 1
        || !bad.isUsable(now)
        || (!first && (aside + 1) * 100 > (long) settings.maxEjectionPercent() * all.size())) {
      return OptionalLong.empty();
    }
    return OptionalLong.of(
        bad.answers()
            .setAside(
                now,
                nanos(settings.baseEjectionTime()),
                nanos(settings.maxEjectionTime()),
                nanos(settings.interval())));
  }

  private static long nanos(Duration span) {
    return span.toNanos();
  }
}
