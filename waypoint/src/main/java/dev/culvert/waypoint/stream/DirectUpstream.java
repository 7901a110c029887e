// SPDX-License-Identifier: Apache-2.0
package dev.culvert.waypoint.stream;

import dev.culvert.waypoint.forward.Dialer;
import dev.culvert.waypoint.plan.Target;
import dev.culvert.ztunnel.hbone.Forwarded;
import io.netty.channel.EventLoop;
import io.netty.util.concurrent.Future;
import io.netty.util.concurrent.Promise;
import java.util.Optional;

/** Connections of their own, without a tunnel. */
public final class DirectUpstream implements Upstream {
  private final Dialer dialer;

  /**
   * @param dialer whose channels are sockets where no TLS is spoken
   */
  public DirectUpstream(Dialer dialer) {
    this.dialer = dialer;
  }

  @Override
  public Future<Reached> reach(EventLoop loop, Target target, Forwarded from) {
    Promise<Reached> promise = loop.newPromise();
    ServerEnd server = new ServerEnd(target.tls().isPresent());
    dialer
        .dial(loop, target, server)
        .addListener(
            done -> {
              if (done.isSuccess()) {
                promise.setSuccess(new Reached(server.half(), Optional.empty()));
              } else {
                promise.setFailure(done.cause());
              }
            });
    return promise;
  }
}
