// SPDX-License-Identifier: Apache-2.0
package dev.culvert.perf.bench.load;

import io.netty.channel.EventLoop;
import java.util.ArrayDeque;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.TimeUnit;

/**
 * When requests are sent: as soon as there is room for one, or evenly at a rate. A request that
 * finds no room at its time waits, and that counts as time of the request. On the event loop.
 */
final class Pace {
  private final EventLoop loop;
  private final List<LoadConnection> connections;
  private final long interval;
  private final Queue<Long> late = new ArrayDeque<>();
  private long due;
  private int turn;

  /**
   * @param perSecond 0 for as soon as there is room
   */
  Pace(EventLoop loop, List<LoadConnection> connections, int perSecond) {
    this.loop = loop;
    this.connections = connections;
    this.interval = perSecond == 0 ? 0 : TimeUnit.SECONDS.toNanos(1) / perSecond;
  }

  void begin() {
    if (interval == 0) {
      connections.forEach(this::fill);
    } else {
      due = System.nanoTime();
      tick();
    }
  }

  private void fill(LoadConnection connection) {
    while (connection.hasRoom()) {
      connection.send(System.nanoTime());
    }
  }

  /** One may send again. */
  void room(LoadConnection connection) {
    if (interval == 0) {
      connection.send(System.nanoTime());
    } else if (!late.isEmpty()) {
      connection.send(late.poll());
    }
  }

  private void tick() {
    while (due <= System.nanoTime()) {
      sendOrWait(due);
      due += interval;
    }
    var _ = loop.schedule(this::tick, due - System.nanoTime(), TimeUnit.NANOSECONDS);
  }

  private void sendOrWait(long at) {
    for (int i = 0; i < connections.size(); i++) {
      turn = (turn + 1) % connections.size();
      if (connections.get(turn).hasRoom()) {
        connections.get(turn).send(at);
        return;
      }
    }
    late.add(at);
  }
}
