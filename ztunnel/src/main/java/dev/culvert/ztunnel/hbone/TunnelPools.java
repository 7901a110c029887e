// SPDX-License-Identifier: Apache-2.0
package dev.culvert.ztunnel.hbone;

import dev.culvert.ztunnel.identity.WorkloadCertificates;
import dev.culvert.ztunnel.telemetry.ResponseFlag;
import dev.culvert.ztunnel.transport.PodSockets;
import io.netty.channel.EventLoop;
import io.netty.channel.EventLoopGroup;
import io.netty.util.concurrent.EventExecutor;
import java.util.IdentityHashMap;

/** The pools of all event loops. Any thread. */
public final class TunnelPools {
  private final IdentityHashMap<EventExecutor, TunnelPool> pools = new IdentityHashMap<>();

  private final WorkloadCertificates certificates;
  private final TunnelSettings settings;

  public TunnelPools(
      EventLoopGroup workers, WorkloadCertificates certificates, TunnelSettings settings) {
    this.certificates = certificates;
    this.settings = settings;
    workers.forEach(
        loop -> pools.put(loop, new TunnelPool((EventLoop) loop, certificates, settings)));
  }

  /** The pool of a connection's event loop. */
  public TunnelPool of(EventLoop loop) {
    return pools.get(loop);
  }

  /**
   * Asks for a connection through a tunnel in a tunnel; the outer is shared, the inner is for this
   * connection only. On the loop.
   *
   * @param outer the way to the gateway
   * @param request what is asked of the gateway
   * @param inner the same source; whom the end of the inner tunnel must prove to be
   * @param innerRequest what is asked for behind the gateway
   */
  public void openNested(
      EventLoop loop,
      TunnelKey outer,
      ConnectRequest request,
      TunnelKey inner,
      ConnectRequest innerRequest,
      Opening opening) {
    // The outer tunnel needs the certificate anyway: one fetch serves both.
    var _ =
        certificates
            .get(inner.source())
            .whenCompleteAsync(
                (certificate, error) -> {
                  if (error == null) {
                    var nested =
                        new NestedOpening(
                            loop, certificate, settings, inner, innerRequest, opening);
                    of(loop).open(outer, request, nested);
                  } else {
                    opening.failed(
                        new TunnelException(
                            ResponseFlag.IDENTITY_ERROR,
                            "no certificate: " + TlsFailure.describe(error)));
                  }
                },
                loop);
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
