// SPDX-License-Identifier: Apache-2.0
package dev.culvert.agent.zds;

import java.time.Duration;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * What one connected ztunnel was told so far, and what comes next. Pure: time comes from outside.
 * The snapshot names every pod once; afterwards withdrawals go to every subscriber and additions to
 * the newest, so that of two ztunnels during an upgrade only the successor opens new listeners. Who
 * becomes the newest because a newer one is gone is told of all pods again: it may be ending, and
 * have let them go. To one that has them that says nothing new.
 */
final class Subscriber {
  private static final Duration FIRST_RETRY = Duration.ofSeconds(1);
  private static final Duration LONGEST_RETRY = Duration.ofSeconds(15);

  private final Map<String, AnnouncedPod> told = new HashMap<>();
  private final Map<String, Retry> retries = new HashMap<>();
  private final Set<String> again = new HashSet<>();
  private final long started;
  private boolean snapshotSent;

  Subscriber(long started) {
    this.started = started;
  }

  long started() {
    return started;
  }

  /** When a refused pod is offered again, in System.nanoTime, and how long was waited for it. */
  private record Retry(long at, Duration waited) {
    Retry later(long now) {
      Duration twice = waited.multipliedBy(2);
      Duration wait = twice.compareTo(LONGEST_RETRY) > 0 ? LONGEST_RETRY : twice;
      return new Retry(now + wait.toNanos(), wait);
    }

    static Retry first(long now) {
      return new Retry(now + FIRST_RETRY.toNanos(), FIRST_RETRY);
    }
  }

  /** Tells of all pods again. */
  void repeat() {
    again.addAll(told.keySet());
  }

  boolean wasTold(String uid) {
    return told.containsKey(uid);
  }

  /** The next message for the given pods, by uid; empty when there is nothing to say now. */
  Optional<ZdsRequest> next(Map<String, AnnouncedPod> pods, boolean newest, long now) {
    if (!snapshotSent) {
      return Optional.of(addition(pods, now).orElseGet(ZdsRequest.SnapshotSent::new));
    }
    Optional<ZdsRequest> withdrawal = withdrawal(pods);
    return withdrawal.isPresent() || !newest ? withdrawal : addition(pods, now);
  }

  private Optional<ZdsRequest> withdrawal(Map<String, AnnouncedPod> pods) {
    return told.keySet().stream()
        .filter(uid -> !pods.containsKey(uid))
        .findFirst()
        .map(ZdsRequest.Del::new);
  }

  private Optional<ZdsRequest> addition(Map<String, AnnouncedPod> pods, long now) {
    return pods.values().stream()
        .filter(pod -> isWanting(pod) && isDue(pod.uid(), now))
        .flatMap(pod -> request(pod).stream())
        .findFirst();
  }

  private boolean isWanting(AnnouncedPod pod) {
    return !pod.equals(told.get(pod.uid()))
        || retries.containsKey(pod.uid())
        || again.contains(pod.uid());
  }

  private boolean isDue(String uid, long now) {
    Retry retry = retries.get(uid);
    return retry == null || (snapshotSent && retry.at() - now <= 0);
  }

  private Optional<ZdsRequest> request(AnnouncedPod pod) {
    Optional<ZdsRequest> add = pod.netns().map(netns -> new ZdsRequest.Add(pod, netns));
    return add.isPresent() || snapshotSent ? add : Optional.of(new ZdsRequest.Keep(pod));
  }

  /** Notes what is about to be sent: whatever the answer, ztunnel may know the pod from here on. */
  void sending(ZdsRequest request) {
    switch (request) {
      case ZdsRequest.Add add -> {
        told.put(add.pod().uid(), add.pod());
        again.remove(add.pod().uid());
      }
      case ZdsRequest.Keep keep -> told.put(keep.pod().uid(), keep.pod());
      case ZdsRequest.Del _, ZdsRequest.SnapshotSent _ -> {}
    }
  }

  void accepted(ZdsRequest request) {
    switch (request) {
      case ZdsRequest.Add add -> retries.remove(add.pod().uid());
      case ZdsRequest.Keep _ -> {}
      case ZdsRequest.Del del -> {
        told.remove(del.uid());
        retries.remove(del.uid());
        again.remove(del.uid());
      }
      case ZdsRequest.SnapshotSent _ -> snapshotSent = true;
    }
  }

  /** A refused pod is offered again later; what else is refused would be so again. */
  void refused(ZdsRequest request, long now) {
    if (request instanceof ZdsRequest.Add(AnnouncedPod pod, _)) {
      retries.merge(pod.uid(), Retry.first(now), (before, _) -> before.later(now));
      return;
    }
    accepted(request);
  }

  /** Nanoseconds until a refused pod is due, at most {@code longest}. */
  long untilRetry(long now, long longest) {
    return retries.values().stream()
        .mapToLong(retry -> Math.max(0, retry.at() - now))
        .reduce(longest, Math::min);
  }
}
