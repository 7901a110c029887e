// SPDX-License-Identifier: Apache-2.0
package dev.culvert.waypoint.forward;

import io.netty.channel.EventLoop;
import io.netty.channel.EventLoopGroup;
import java.util.IdentityHashMap;

/** The pools of every event loop: a request and its backend share one, so nothing is locked. */
public final class LoopPools {
  private final IdentityHashMap<Object, BackendPools> byLoop = new IdentityHashMap<>();

  public LoopPools(EventLoopGroup workers, Dialer dialer, PoolSettings settings) {
    workers.forEach(
        executor -> byLoop.put(executor, new BackendPools((EventLoop) executor, dialer, settings)));
  }

  /** Those of a loop. */
  BackendPools of(EventLoop loop) {
    return byLoop.get(loop);
  }

  /** Closes what nobody uses, and the rest as it falls idle; any thread. */
  public void drain() {
    byLoop.values().forEach(BackendPools::drain);
  }
}
