// SPDX-License-Identifier: Apache-2.0
package dev.culvert.ztunnel.zds;

import dev.culvert.linux.Fd;
import dev.culvert.linux.errno.ErrnoException;
import dev.culvert.linux.socket.NetworkNamespace;
import dev.culvert.policy.spiffe.InvalidSpiffeIdException;
import dev.culvert.policy.spiffe.SpiffeId;
import dev.culvert.policy.spiffe.TrustDomain;
import dev.culvert.policy.wire.zds.AddWorkload;
import dev.culvert.policy.wire.zds.WorkloadInfo;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The pods the agent told of, across connections: hands them on and tries again those that failed.
 * On the thread {@code zds}, but for what says otherwise.
 */
public final class PodRegistry {
  private static final Logger LOG = LoggerFactory.getLogger(PodRegistry.class);

  /** Under the agent's own patience of five seconds, so that it hears a reason. */
  private static final long PATIENCE_MILLIS = 4_000;

  private static final Duration NOTHING_PENDING = Duration.ofHours(1);

  /** A pod the agent told of, for people who look. */
  public record Known(
      String uid,
      String namespace,
      String name,
      String serviceAccount,
      TrustDomain trustDomain,
      boolean up) {
    static Known of(Pod pod, boolean up) {
      return new Known(
          pod.uid(),
          pod.namespace(),
          pod.name(),
          pod.serviceAccount(),
          pod.identity().trustDomain(),
          up);
    }
  }

  private final TrustDomain trustDomain;
  private final PodListener listener;
  private final Map<String, PendingPod> pending = new ConcurrentHashMap<>();
  private final Map<String, Known> known = new ConcurrentSkipListMap<>();
  private volatile boolean snapshotReceived;

  /**
   * @param trustDomain of the pods' identities
   */
  public PodRegistry(TrustDomain trustDomain, PodListener listener) {
    this.trustDomain = trustDomain;
    this.listener = listener;
  }

  /** Whether all the agent's pods are known and up. Any thread. */
  public boolean ready() {
    return snapshotReceived && pending.isEmpty();
  }

  /** The pods that could not be added yet, by uid. Any thread. */
  public Set<String> waitingFor() {
    return Set.copyOf(pending.keySet());
  }

  /** All pods, in the order of their uids. Any thread. */
  public List<Known> known() {
    return List.copyOf(known.values());
  }

  /**
   * A pod joined. Takes over the descriptor.
   *
   * @return what went wrong; empty when it is up
   */
  Optional<String> add(AddWorkload add, Fd netns) {
    forgetPending(add.getUid());
    Pod pod;
    try {
      pod = pod(add, NetworkNamespace.of(netns));
    } catch (IOException | InvalidSpiffeIdException e) {
      netns.close();
      LOG.warn("pod {} cannot join: {}", add.getUid(), e.getMessage());
      return Optional.of(e.getMessage());
    }
    return attempt(new PendingPod(pod));
  }

  /** A pod left; waits until no new connection is taken for it. */
  Optional<String> remove(String uid) {
    forgetPending(uid);
    known.remove(uid);
    Optional<String> error = settle(listener.remove(uid));
    pending.values().forEach(PendingPod::retrySoon);
    LOG.info("pod {} left{}", uid, error.map(e -> ": " + e).orElse(""));
    return error;
  }

  /** The agent named all its pods. */
  void retainOnly(Set<String> uids) {
    for (String uid : waitingFor()) {
      if (!uids.contains(uid)) {
        forgetPending(uid);
      }
    }
    known.keySet().retainAll(uids);
    listener.retainOnly(Set.copyOf(uids));
    pending.values().forEach(PendingPod::retrySoon);
    snapshotReceived = true;
    LOG.info("the agent's snapshot has {} pods, {} of them not up", uids.size(), pending.size());
  }

  /** How long until a failed pod is to be tried again. */
  Duration untilRetry() {
    return pending.values().stream()
        .map(PendingPod::untilRetry)
        .min(Duration::compareTo)
        .orElse(NOTHING_PENDING);
  }

  /** Tries again what is due. */
  void retryPending() {
    for (PendingPod waiting : Set.copyOf(pending.values())) {
      if (waiting.untilRetry().isZero()) {
        var _ = attempt(waiting);
      }
    }
  }

  private Optional<String> attempt(PendingPod waiting) {
    Pod pod = waiting.pod();
    Optional<String> error;
    try {
      error = settle(listener.add(waiting.handOver()));
    } catch (ErrnoException e) {
      error = Optional.of(e.getMessage());
    }
    known.put(pod.uid(), Known.of(pod, error.isEmpty()));
    if (error.isPresent()) {
      waiting.failed();
      pending.put(pod.uid(), waiting);
      LOG.warn("pod {}/{} is not up: {}", pod.namespace(), pod.name(), error.get());
    } else {
      pending.remove(pod.uid());
      waiting.close();
      LOG.info("pod {}/{} joined as {}", pod.namespace(), pod.name(), pod.identity());
    }
    return error;
  }

  private void forgetPending(String uid) {
    PendingPod old = pending.remove(uid);
    if (old != null) {
      old.close();
    }
  }

  private Pod pod(AddWorkload add, NetworkNamespace netns) {
    WorkloadInfo info = add.getWorkloadInfo();
    SpiffeId identity =
        SpiffeId.workload(trustDomain, info.getNamespace(), info.getServiceAccount());
    return new Pod(
        add.getUid(),
        info.getNamespace(),
        info.getName(),
        info.getServiceAccount(),
        identity,
        netns);
  }

  private static Optional<String> settle(CompletableFuture<Void> future) {
    try {
      future.get(PATIENCE_MILLIS, TimeUnit.MILLISECONDS);
      return Optional.empty();
    } catch (ExecutionException e) {
      return Optional.of(
          Optional.ofNullable(e.getCause().getMessage()).orElseGet(e.getCause()::toString));
    } catch (TimeoutException e) {
      return Optional.of("not done within %d ms; tried again".formatted(PATIENCE_MILLIS));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return Optional.of("interrupted");
    }
  }
}
