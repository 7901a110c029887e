// SPDX-License-Identifier: Apache-2.0
package dev.culvert.waypoint.balance;

import dev.culvert.policy.traffic.HealthCheck;
import dev.culvert.waypoint.plan.Target;
import io.netty.channel.EventLoop;
import java.time.Duration;
import java.util.Optional;
import java.util.function.Consumer;

/** Asks endpoints whether they are well. */
public interface Prober {
  /** A loop to ask on. */
  EventLoop loop();

  /**
   * Asks, on the loop.
   *
   * @param host that is asked for, if the probe names none
   * @param told once, on the loop: what is wrong, or nothing
   */
  void ask(
      EventLoop loop,
      HealthCheck.Probe probe,
      Target target,
      String host,
      Duration timeout,
      Consumer<Optional<String>> told);
}
