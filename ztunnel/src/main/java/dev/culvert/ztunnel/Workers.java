// SPDX-License-Identifier: Apache-2.0
package dev.culvert.ztunnel;

import dev.culvert.ztunnel.transport.Transport;
import io.netty.channel.EventLoopGroup;
import java.util.concurrent.TimeUnit;

/** The event loops, which end with all that they carry. */
record Workers(EventLoopGroup group) implements AutoCloseable {
  Workers(Transport transport, int threads) {
    this(transport.workers(threads));
  }

  @Override
  public void close() {
    group.shutdownGracefully(0, 2, TimeUnit.SECONDS).awaitUninterruptibly(3, TimeUnit.SECONDS);
  }
}
