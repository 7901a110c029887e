// SPDX-License-Identifier: Apache-2.0
package dev.culvert.ztunnel.xds;

import io.netty.channel.EventLoop;
import io.netty.util.concurrent.Future;
import java.time.Duration;
import java.util.Collection;
import java.util.HashSet;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;

/** One that waits for the answers to some names. */
final class Waiting {
  private final Set<String> names;
  private final EventLoop loop;
  private final Consumer<Boolean> answered;

  /** On the xDS thread. */
  private final Set<String> open;

  /** On the loop, as what follows. */
  private Future<?> timeout;

  private boolean over;

  Waiting(Collection<String> names, EventLoop loop, Consumer<Boolean> answered) {
    this.names = Set.copyOf(names);
    this.open = new HashSet<>(names);
    this.loop = loop;
    this.answered = answered;
  }

  Set<String> names() {
    return names;
  }

  /**
   * Begins to wait; on the loop.
   *
   * @param inVain called on the loop when patience ended
   */
  void begin(Duration patience, Runnable inVain) {
    timeout =
        loop.schedule(
            () -> {
              inVain.run();
              finish(false);
            },
            patience.toNanos(),
            TimeUnit.NANOSECONDS);
  }

  /** One of the names has its answer; on the xDS thread. */
  void settled(String name) {
    if (open.remove(name) && open.isEmpty() && !loop.isShuttingDown()) {
      loop.execute(() -> finish(true));
    }
  }

  private void finish(boolean all) {
    if (!over) {
      over = true;
      timeout.cancel(false);
      answered.accept(all);
    }
  }
}
