// SPDX-License-Identifier: Apache-2.0
package dev.culvert.waypoint.plan;

import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;

/** The same endpoints one after the other. */
final class InTurn implements Picker {
  private final Target[] targets;
  private final Pick none;
  private final AtomicInteger turn = new AtomicInteger();

  /**
   * @param name of the destination, for people
   */
  InTurn(List<Target> targets, String name) {
    this.targets = targets.toArray(Target[]::new);
    this.none = new Pick.None(false, name + " has no endpoint that is ready");
  }

  @Override
  public Pick next(Asking asking) {
    return switch (targets.length) {
      case 0 -> none;
      case 1 -> targets[0];
      default -> targets[Integer.remainderUnsigned(turn.getAndIncrement(), targets.length)];
    };
  }
}
