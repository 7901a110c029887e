// SPDX-License-Identifier: Apache-2.0
package dev.culvert.ztunnel.transport;

import io.netty.util.concurrent.FastThreadLocal;
import java.util.Map;
import java.util.WeakHashMap;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;

/**
 * How much each pod's sockets may read in one pass of an event loop over all that is ready: one pod
 * whose sockets are always ready would else have others wait for all of them. Where no other pod
 * reads there is no bound. On the loop's thread.
 */
final class LoopTurn {
  /** About two milliseconds of work: what a pod may have to wait for all others. */
  static final int PASS_BYTES = 2 * 1024 * 1024;

  /** How long after two pods read in one pass it is expected to happen again. */
  static final long CONTENDED_NANOS = TimeUnit.SECONDS.toNanos(10);

  private static final FastThreadLocal<LoopTurn> CURRENT =
      new FastThreadLocal<>() {
        @Override
        protected LoopTurn initialValue() {
          return new LoopTurn(System::nanoTime);
        }
      };

  private final LongSupplier nanoTime;
  private final Map<Object, Share> shares = new WeakHashMap<>();
  private long pass;
  private int readers;
  private int contenders;
  private long contendedAt;

  LoopTurn(LongSupplier nanoTime) {
    this.nanoTime = nanoTime;
  }

  /** That of the calling thread's loop. */
  static LoopTurn current() {
    return CURRENT.get();
  }

  /** The loop has looked at all that was ready. */
  void over() {
    if (readers == 0) {
      return;
    }
    if (readers > 1) {
      contenders = Math.max(contenders, readers);
      contendedAt = nanoTime.getAsLong();
    } else if (contenders > 0 && nanoTime.getAsLong() - contendedAt > CONTENDED_NANOS) {
      contenders = 0;
    }
    pass++;
    readers = 0;
  }

  /** A pod's part of this loop. */
  Share of(Object pod) {
    return shares.computeIfAbsent(pod, first -> new Share());
  }

  /** What one pod may read in a pass. */
  final class Share {
    private long of = -1;
    private int left;

    /** Bytes that it may still read in this pass; none or less when it has had its part. */
    int left() {
      if (of != pass) {
        of = pass;
        readers++;
        left = contenders == 0 ? Integer.MAX_VALUE : PASS_BYTES / contenders;
      }
      return left;
    }

    void took(int bytes) {
      left -= bytes;
    }
  }
}
