// SPDX-License-Identifier: Apache-2.0
package dev.culvert.agent.report;

import dev.culvert.policy.text.OneLine;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Executors;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicReference;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Tells an API server, each thing once: what a pod's annotation says already is not said again, and
 * what is in the way of a pod only when it lasts. While the server cannot be told, the newest state
 * waits.
 */
public final class ApiReports implements PodReports, AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(ApiReports.class);

  private static final Duration AGAIN = Duration.ofSeconds(5);

  private final PodObjects objects;
  private final KubernetesClient client;
  private final String node;
  private final long patienceNanos;
  private final AtomicReference<List<PodReport>> newest = new AtomicReference<>(List.of());
  private final AtomicBoolean due = new AtomicBoolean();
  private final ScheduledExecutorService thread =
      Executors.newSingleThreadScheduledExecutor(
          Thread.ofPlatform().daemon().name("pod reports").factory());

  /** By uid; of pods that are still there. */
  private final Map<String, PodReport> told = new HashMap<>();

  private final Map<String, PodEvent> events = new HashMap<>();
  private final Map<String, Trouble> troubles = new HashMap<>();
  private String problem = "";

  /** What is in the way of a pod, and since when. */
  private record Trouble(String note, long since) {}

  /**
   * Takes the client over.
   *
   * @param patience how long something may be in a pod's way before it is told: a pod that starts
   *     has no addresses for a moment
   */
  public ApiReports(KubernetesClient client, String node, Duration patience) {
    this.client = client;
    this.objects = new PodObjects(client, node);
    this.node = node;
    this.patienceNanos = patience.toNanos();
  }

  @Override
  public void now(List<PodReport> pods) {
    newest.set(List.copyOf(pods));
    soon(Duration.ZERO);
  }

  private void soon(Duration delay) {
    if (due.compareAndSet(false, true)) {
      try {
        var _ = thread.schedule(this::tellAll, delay.toMillis(), TimeUnit.MILLISECONDS);
      } catch (RejectedExecutionException closed) {
        LOG.debug("closed meanwhile");
      }
    }
  }

  private void tellAll() {
    due.set(false);
    List<PodReport> pods = newest.get();
    keepOnly(pods);
    try {
      for (PodReport pod : pods) {
        tell(pod);
      }
      problem = "";
    } catch (KubernetesClientException e) {
      String now = OneLine.of(String.valueOf(e.getMessage()));
      if (!now.equals(problem)) {
        problem = now;
        LOG.warn("reports: the API server cannot be told of pods: {}; it is tried again", now);
      }
      soon(AGAIN);
    }
  }

  private void keepOnly(List<PodReport> pods) {
    List<String> uids = pods.stream().map(PodReport::uid).toList();
    List.of(told, events, troubles).forEach(each -> each.keySet().retainAll(uids));
  }

  private void tell(PodReport pod) {
    if (!pod.equals(told.get(pod.uid()))) {
      if (pod.redirected() != pod.annotated() && isNews(pod)) {
        objects.annotate(pod);
      }
      told.put(pod.uid(), pod);
    }
    Optional<PodEvent> event = PodEvent.of(pod, node).filter(_ -> hasLasted(pod));
    if (event.isPresent() && !event.get().equals(events.get(pod.uid()))) {
      objects.record(pod, event.get());
      events.put(pod.uid(), event.get());
    }
  }

  /** Until the informer has the annotation, its lack is told with every pass. */
  private boolean isNews(PodReport pod) {
    PodReport before = told.get(pod.uid());
    return before == null || before.redirected() != pod.redirected();
  }

  private boolean hasLasted(PodReport pod) {
    if (pod.leftAlone() || pod.note().isEmpty()) {
      troubles.remove(pod.uid());
      return true;
    }
    Trouble trouble =
        troubles.merge(
            pod.uid(),
            new Trouble(pod.note(), System.nanoTime()),
            (before, now) -> before.note().equals(now.note()) ? before : now);
    return System.nanoTime() - trouble.since() >= patienceNanos;
  }

  @Override
  public void close() {
    thread.shutdownNow();
    client.close();
  }
}
