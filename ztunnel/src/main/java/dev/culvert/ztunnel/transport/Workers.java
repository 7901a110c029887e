// SPDX-License-Identifier: Apache-2.0
package dev.culvert.ztunnel.transport;

import io.netty.channel.EventLoopGroup;
import java.util.concurrent.TimeUnit;

/** The event loops, which end with all that they carry. */
public record Workers(EventLoopGroup group) implements AutoCloseable {
  /** So many loops of that transport, 1 or more. */
  public Workers(Transport transport, int threads) {
    this(transport.workers(threads));
  }

  /** Waits some seconds at most, for what runs in them. */
  @Override
  public void close() {
    group.shutdownGracefully(0, 2, TimeUnit.SECONDS).awaitUninterruptibly(3, TimeUnit.SECONDS);
  }
}
