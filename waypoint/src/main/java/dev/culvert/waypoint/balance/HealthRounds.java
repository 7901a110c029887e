// SPDX-License-Identifier: Apache-2.0
package dev.culvert.waypoint.balance;

import dev.culvert.policy.traffic.HealthCheck;
import io.netty.channel.EventLoop;
import java.lang.ref.WeakReference;
import java.util.Optional;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;

/** Asks all endpoints of a cluster again and again, until it is gone or asked otherwise. */
final class HealthRounds {
  private final WeakReference<Cluster> cluster;
  private final HealthCheck check;
  private final Prober prober;
  private final EventLoop loop;

  HealthRounds(Cluster cluster, HealthCheck check, Prober prober) {
    this.cluster = new WeakReference<>(cluster);
    this.check = check;
    this.prober = prober;
    this.loop = prober.loop();
  }

  void start() {
    loop.execute(this::round);
  }

  private void round() {
    Cluster asked = cluster.get();
    if (asked == null || !asked.isAskedBy(this)) {
      return;
    }
    asked.present().forEach(endpoint -> ask(asked, endpoint));
    long interval = check.interval().toNanos();
    // Many proxies that started together must not ask together.
    long spread = ThreadLocalRandom.current().nextLong(interval / 10 + 1);
    var _ = loop.schedule(this::round, interval - spread, TimeUnit.NANOSECONDS);
  }

  private void ask(Cluster asked, Endpoint endpoint) {
    if (endpoint.health().ask()) {
      prober.ask(
          loop,
          check.probe(),
          endpoint.probed(check.probe().port()),
          asked.host(),
          check.timeout(),
          problem -> told(endpoint, problem));
    }
  }

  private void told(Endpoint endpoint, Optional<String> problem) {
    Cluster asked = cluster.get();
    if (asked == null || !asked.isAskedBy(this)) {
      endpoint.health().forget();
      return;
    }
    boolean changed = endpoint.health().answered(problem.isEmpty(), check);
    asked.asked(endpoint, problem, changed);
  }
}
