// SPDX-License-Identifier: Apache-2.0
package dev.culvert.ztunnel.zds;

import dev.culvert.linux.errno.ErrnoException;
import dev.culvert.ztunnel.controlplane.Backoff;
import java.security.SecureRandom;
import java.time.Duration;

/** A pod on its way in: keeps a descriptor of its namespace of its own for further attempts. */
final class PendingPod implements AutoCloseable {
  private final Pod pod;
  private final Backoff backoff =
      new Backoff(Duration.ofMillis(100), Duration.ofSeconds(15), 0.2, new SecureRandom());
  private long due;

  PendingPod(Pod pod) {
    this.pod = pod;
  }

  Pod pod() {
    return pod;
  }

  /** The pod with a descriptor for the taker. */
  Pod handOver() throws ErrnoException {
    return new Pod(
        pod.uid(),
        pod.namespace(),
        pod.name(),
        pod.serviceAccount(),
        pod.identity(),
        pod.netns().duplicate());
  }

  void failed() {
    due = System.nanoTime() + backoff.next().toNanos();
  }

  /** What stood against it may be gone. */
  void retrySoon() {
    due = System.nanoTime();
  }

  Duration untilRetry() {
    long left = due - System.nanoTime();
    return left <= 0 ? Duration.ZERO : Duration.ofNanos(left);
  }

  @Override
  public void close() {
    pod.netns().close();
  }
}
