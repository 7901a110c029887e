// SPDX-License-Identifier: Apache-2.0
package dev.culvert.waypoint.exchange;

import java.util.List;
import org.jspecify.annotations.Nullable;

/** A request's walk through the phases of its chain. On its event loop. */
final class Walk {
  private final Chain chain;
  private int next;
  private List<Phase> inside = List.of();
  private int nextInside;
  private @Nullable Runnable abandoned;

  Walk(Chain chain) {
    this.chain = chain;
  }

  /** Goes on until a phase answers or waits; returns whether none did. */
  boolean proceed(Exchange exchange) {
    abandoned = null;
    while (!exchange.isOver()) {
      Phase phase = next();
      if (phase == null) {
        return true;
      }
      if (phase.run(exchange) != Phase.Step.NEXT) {
        return false;
      }
    }
    return false;
  }

  private @Nullable Phase next() {
    if (nextInside < inside.size()) {
      return inside.get(nextInside++);
    }
    return next < chain.length() ? chain.phase(next++) : null;
  }

  /** These come before the next phase of the chain. */
  void through(List<Phase> phases) {
    inside = phases;
    nextInside = 0;
  }

  /** A phase waits, and hears of it when nobody waits for it any more. */
  void waits(Runnable given) {
    abandoned = given;
  }

  /** Nobody waits for it any more. */
  void abandon() {
    Runnable given = abandoned;
    abandoned = null;
    if (given != null) {
      given.run();
    }
  }
}
