// SPDX-License-Identifier: Apache-2.0
package dev.culvert.waypoint.forward;

import dev.culvert.waypoint.plan.Protocol;
import dev.culvert.waypoint.plan.Target;
import io.netty.channel.EventLoop;
import java.util.HashMap;
import java.util.Map;

/** The connections of one event loop to backends, by endpoint. On that loop. */
final class BackendPools {
  /** The pool of one endpoint. */
  interface Pool {
    /** Finds or opens a connection; may answer before it returns. */
    void take(StreamWaiter waiter);

    /** Closes connections that nobody uses, and the others when nobody does. */
    void drain();
  }

  private final EventLoop loop;
  private final Dialer dialer;
  private final PoolSettings settings;
  private final TimeOuts timeOuts;
  private final Map<Target, Pool> pools = new HashMap<>();

  BackendPools(EventLoop loop, Dialer dialer, PoolSettings settings) {
    this.loop = loop;
    this.dialer = dialer;
    this.settings = settings;
    this.timeOuts = new TimeOuts(loop);
  }

  /** Those of requests on this loop. */
  TimeOuts timeOuts() {
    return timeOuts;
  }

  void take(Target target, StreamWaiter waiter) {
    Pool pool = pools.get(target);
    if (pool == null) {
      pool = open(target);
      pools.put(target, pool);
    }
    pool.take(waiter);
  }

  private Pool open(Target target) {
    Runnable emptied = () -> pools.remove(target);
    return target.protocol() == Protocol.HTTP2
        ? new Http2Pool(loop, target, dialer, settings, emptied)
        : new Http1Pool(loop, target, dialer, settings, emptied);
  }

  void drain() {
    loop.execute(() -> java.util.List.copyOf(pools.values()).forEach(Pool::drain));
  }
}
