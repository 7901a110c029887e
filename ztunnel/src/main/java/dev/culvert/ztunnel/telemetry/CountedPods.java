// SPDX-License-Identifier: Apache-2.0
package dev.culvert.ztunnel.telemetry;

import dev.culvert.ztunnel.zds.Pod;
import dev.culvert.ztunnel.zds.PodListener;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;

/** Counts the pods that came and went on their way to who serves them. */
public final class CountedPods implements PodListener {
  private final Set<String> up = ConcurrentHashMap.newKeySet();
  private final PodListener next;
  private final Counter started;
  private final Counter stopped;

  public CountedPods(PodListener next, MeterRegistry registry) {
    this.next = next;
    this.started = registry.counter("istio_proxies_started");
    this.stopped = registry.counter("istio_proxies_stopped");
  }

  @Override
  public CompletableFuture<Void> add(Pod pod) {
    return next.add(pod).thenRun(() -> countIf(up.add(pod.uid()), started));
  }

  @Override
  public CompletableFuture<Void> remove(String uid) {
    countIf(up.remove(uid), stopped);
    return next.remove(uid);
  }

  @Override
  public void retainOnly(Set<String> uids) {
    Set.copyOf(up).stream()
        .filter(uid -> !uids.contains(uid))
        .forEach(uid -> countIf(up.remove(uid), stopped));
    next.retainOnly(uids);
  }

  /** The agent names all its pods again whenever it connects. */
  private static void countIf(boolean changed, Counter counter) {
    if (changed) {
      counter.increment();
    }
  }
}
