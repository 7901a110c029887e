// SPDX-License-Identifier: Apache-2.0
package dev.culvert.ztunnel.transport;

import io.netty.channel.EventLoopGroup;
import java.time.Duration;
import java.util.concurrent.TimeUnit;

/** The event loops, which end with all that they carry. */
public record Workers(EventLoopGroup group) implements AutoCloseable {
  /**
   * Not none: a loop without it ends although what closed last has just written a reset, and with
   * io_uring that is under way and never given back. With it, it looks at its sockets once more.
   */
  private static final Duration ANY_REST = Duration.ofNanos(1);

  private static final Duration PATIENCE = Duration.ofSeconds(2);

  /** So many loops of that transport, 1 or more. */
  public Workers(Transport transport, int threads) {
    this(transport.workers(threads));
  }

  /** Waits some seconds at most, for what runs in them. */
  @Override
  public void close() {
    group
        .shutdownGracefully(ANY_REST.toNanos(), PATIENCE.toNanos(), TimeUnit.NANOSECONDS)
        .awaitUninterruptibly(3, TimeUnit.SECONDS);
  }
}
