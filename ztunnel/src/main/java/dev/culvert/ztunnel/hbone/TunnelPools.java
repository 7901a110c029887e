// SPDX-License-Identifier: Apache-2.0
package dev.culvert.ztunnel.hbone;

import dev.culvert.ztunnel.identity.WorkloadCertificates;
import dev.culvert.ztunnel.transport.PodSockets;
import io.netty.channel.EventLoop;
import io.netty.channel.EventLoopGroup;
import io.netty.util.concurrent.EventExecutor;
import java.util.IdentityHashMap;

/** The pools of all event loops. Any thread. */
public final class TunnelPools {
  private final IdentityHashMap<EventExecutor, TunnelPool> pools = new IdentityHashMap<>();

  public TunnelPools(
      EventLoopGroup workers, WorkloadCertificates certificates, TunnelSettings settings) {
    workers.forEach(
        loop -> pools.put(loop, new TunnelPool((EventLoop) loop, certificates, settings)));
  }

  /** The pool of a connection's event loop. */
  public TunnelPool of(EventLoop loop) {
    return pools.get(loop);
  }

  /** Lets the tunnels from a pod end with their last streams. */
  public void drain(PodSockets from) {
    pools.forEach((loop, pool) -> loop.execute(() -> pool.drain(from)));
  }

  /** Closes the tunnels from a pod. */
  public void close(PodSockets from) {
    pools.forEach((loop, pool) -> loop.execute(() -> pool.close(from)));
  }
}
