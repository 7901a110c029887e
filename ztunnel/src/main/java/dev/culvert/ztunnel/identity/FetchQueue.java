// SPDX-License-Identifier: Apache-2.0
package dev.culvert.ztunnel.identity;

import java.util.Comparator;
import java.util.PriorityQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.function.Supplier;

/**
 * Certificate requests that wait for their turn: at most {@link #MAX_RUNNING} at the CA at a time,
 * the urgent first. Every call and every start is on the given executor's one thread.
 */
final class FetchQueue {
  /** As many as Istio's ztunnel: a node that starts must not fall upon the CA with all its pods. */
  static final int MAX_RUNNING = 8;

  /** Most urgent first. */
  enum Priority {
    /** A connection waits for it. */
    CONNECTION,
    /** A pod was added and will soon need it. */
    PREFETCH,
    /** The one in use is still good. */
    RENEWAL
  }

  /** A request that was submitted. */
  record Waiting(Priority priority, long order, Supplier<CompletableFuture<?>> start) {}

  private final PriorityQueue<Waiting> waiting =
      new PriorityQueue<>(
          Comparator.comparing(Waiting::priority).thenComparingLong(Waiting::order));
  private final Executor executor;
  private long order;
  private int running;

  FetchQueue(Executor executor) {
    this.executor = executor;
  }

  /** Starts the request now or when its turn comes. */
  Waiting submit(Priority priority, Supplier<CompletableFuture<?>> start) {
    Waiting request = new Waiting(priority, order++, start);
    waiting.add(request);
    startNext();
    return request;
  }

  /** Makes a request that still waits as urgent as {@code priority}, if that is more. */
  Waiting hurry(Waiting request, Priority priority) {
    if (priority.compareTo(request.priority()) >= 0 || !waiting.remove(request)) {
      return request;
    }
    return submit(priority, request.start());
  }

  private void startNext() {
    while (running < MAX_RUNNING && !waiting.isEmpty()) {
      running++;
      var _ =
          waiting.remove().start().get().whenCompleteAsync((done, error) -> finished(), executor);
    }
  }

  private void finished() {
    running--;
    startNext();
  }
}
