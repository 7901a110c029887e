// SPDX-License-Identifier: Apache-2.0
package dev.culvert.waypoint.exchange;

import java.util.List;

/** The phases of a listener in their order, and who hears of the outcome. Immutable. */
public final class Chain {
  private final Phase[] phases;
  private final Observer observer;

  public Chain(List<Phase> phases, Observer observer) {
    this.phases = phases.toArray(Phase[]::new);
    this.observer = observer;
  }

  int length() {
    return phases.length;
  }

  Phase phase(int index) {
    return phases[index];
  }

  Observer observer() {
    return observer;
  }
}
