// SPDX-License-Identifier: Apache-2.0
package dev.culvert.waypoint.balance;

import dev.culvert.policy.traffic.HealthCheck;

/** What an endpoint answers when it is asked whether it is well. Written by one event loop. */
final class Health {
  private volatile boolean ill;
  private boolean asked;
  private int inARow;

  boolean isIll() {
    return ill;
  }

  /** Whether it may be asked: not while an answer is to come. */
  boolean ask() {
    boolean free = !asked;
    asked = true;
    return free;
  }

  /** Takes an answer down; whether it fell ill or got well by it. */
  boolean answered(boolean good, HealthCheck check) {
    asked = false;
    if (good == !ill) {
      inARow = 0;
      return false;
    }
    inARow++;
    if (inARow < (ill ? check.healthyThreshold() : check.unhealthyThreshold())) {
      return false;
    }
    ill = !good;
    inARow = 0;
    return true;
  }

  /** Nobody asks any more. */
  void forget() {
    ill = false;
    inARow = 0;
    asked = false;
  }
}
