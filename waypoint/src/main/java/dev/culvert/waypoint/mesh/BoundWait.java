// SPDX-License-Identifier: Apache-2.0
package dev.culvert.waypoint.mesh;

import dev.culvert.policy.spiffe.SpiffeId;
import dev.culvert.ztunnel.xds.MeshState;
import io.netty.channel.EventLoop;
import io.netty.util.concurrent.Future;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;

/**
 * Finds what a client asked for, or waits a while for it: the client's proxy may have been told of
 * a change a moment earlier.
 */
final class BoundWait {
  private final Bound bound;
  private final BooleanSupplier open;
  private final Duration patience;
  private final Set<Waiting> waiting = ConcurrentHashMap.newKeySet();

  /**
   * @param open while it is not, nothing is found
   */
  BoundWait(Bound bound, MeshState mesh, BooleanSupplier open, Duration patience) {
    this.bound = bound;
    this.open = open;
    this.patience = patience;
    mesh.onChange(this::look);
  }

  /** Something changed. Any thread. */
  void look() {
    waiting.forEach(Waiting::look);
  }

  private Optional<Asked> find(InetSocketAddress target, SpiffeId client) {
    return open.getAsBoolean() ? bound.find(target, client) : Optional.empty();
  }

  /**
   * Finds it now or when it becomes known.
   *
   * @param found called once, on the loop, at once if it is known; empty when patience ended
   */
  void find(
      InetSocketAddress target, SpiffeId client, EventLoop loop, Consumer<Optional<Asked>> found) {
    Optional<Asked> known = find(target, client);
    if (known.isPresent()) {
      found.accept(known);
    } else {
      new Waiting(target, client, loop, found).begin();
    }
  }

  private final class Waiting {
    private final InetSocketAddress target;
    private final SpiffeId client;
    private final EventLoop loop;
    private final Consumer<Optional<Asked>> found;
    private Future<?> timeout;

    Waiting(
        InetSocketAddress target,
        SpiffeId client,
        EventLoop loop,
        Consumer<Optional<Asked>> found) {
      this.target = target;
      this.client = client;
      this.loop = loop;
      this.found = found;
    }

    void begin() {
      timeout = loop.schedule(this::giveUp, patience.toNanos(), TimeUnit.NANOSECONDS);
      waiting.add(this);
      // It may have come between the first look and the entry in the set.
      look();
    }

    void look() {
      if (BoundWait.this.find(target, client).isPresent()) {
        loop.execute(() -> finish(BoundWait.this.find(target, client)));
      }
    }

    private void giveUp() {
      finish(Optional.empty());
    }

    private void finish(Optional<Asked> asked) {
      if (waiting.remove(this)) {
        timeout.cancel(false);
        found.accept(asked);
      }
    }
  }
}
