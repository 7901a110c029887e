// SPDX-License-Identifier: Apache-2.0
package dev.culvert.agent.zds;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;

/**
 * The pods that every ztunnel shall know, and the ztunnels that are connected. Each connection's
 * thread asks for its next message; so a ztunnel that connects late, or becomes the newest because
 * a newer one died, catches up by itself. Thread-safe.
 */
final class Announcements {
  private final Map<String, AnnouncedPod> pods = new LinkedHashMap<>();

  /** The newest last. */
  private final List<Subscriber> subscribers = new ArrayList<>();

  private final Map<String, CompletableFuture<Void>> additions = new HashMap<>();
  private final Map<String, CompletableFuture<Void>> withdrawals = new HashMap<>();

  /** The future completes when a ztunnel has the pod; never when it is withdrawn before. */
  synchronized CompletableFuture<Void> add(AnnouncedPod pod) {
    pods.put(pod.uid(), pod);
    CompletableFuture<Void> addition = new CompletableFuture<>();
    additions.put(pod.uid(), addition);
    notifyAll();
    return addition;
  }

  /** The future completes when no connected ztunnel has the pod any more. */
  synchronized CompletableFuture<Void> withdraw(String uid) {
    pods.remove(uid);
    additions.remove(uid);
    CompletableFuture<Void> withdrawal =
        withdrawals.computeIfAbsent(uid, _ -> new CompletableFuture<>());
    completeWithdrawals();
    notifyAll();
    return withdrawal;
  }

  /**
   * @param started when the ztunnel did, in ns of CLOCK_MONOTONIC; 0 when it does not tell, then it
   *     is newer than all that are connected
   */
  synchronized Subscriber join(long started) {
    Subscriber subscriber = new Subscriber(started);
    int at = subscribers.size();
    while (at > 0 && started != 0 && subscribers.get(at - 1).started() > started) {
      at--;
    }
    subscribers.add(at, subscriber);
    notifyAll();
    return subscriber;
  }

  synchronized void leave(Subscriber subscriber) {
    boolean wasNewest = isNewest(subscriber);
    subscribers.remove(subscriber);
    if (wasNewest && !subscribers.isEmpty()) {
      subscribers.getLast().repeat();
    }
    completeWithdrawals();
    notifyAll();
  }

  synchronized int subscribers() {
    return subscribers.size();
  }

  /** Waits for something to say to the subscriber; empty when nothing came up in time. */
  synchronized Optional<ZdsRequest> next(Subscriber subscriber, long nanos)
      throws InterruptedException {
    long end = System.nanoTime() + nanos;
    while (true) {
      long now = System.nanoTime();
      Optional<ZdsRequest> request = subscriber.next(pods, isNewest(subscriber), now);
      if (request.isPresent()) {
        subscriber.sending(request.get());
      }
      if (request.isPresent() || now >= end) {
        return request;
      }
      long wait = isNewest(subscriber) ? subscriber.untilRetry(now, end - now) : end - now;
      TimeUnit.NANOSECONDS.timedWait(this, Math.max(wait, 1_000_000));
    }
  }

  private boolean isNewest(Subscriber subscriber) {
    return subscriber.equals(subscribers.getLast());
  }

  synchronized void accepted(Subscriber subscriber, ZdsRequest request) {
    subscriber.accepted(request);
    if (request instanceof ZdsRequest.Add(AnnouncedPod pod, _) && pod.equals(pods.get(pod.uid()))) {
      Optional.ofNullable(additions.remove(pod.uid())).ifPresent(done -> done.complete(null));
    }
    completeWithdrawals();
  }

  synchronized void refused(Subscriber subscriber, ZdsRequest request) {
    subscriber.refused(request, System.nanoTime());
    completeWithdrawals();
  }

  private void completeWithdrawals() {
    List<String> gone =
        withdrawals.keySet().stream()
            .filter(uid -> subscribers.stream().noneMatch(subscriber -> subscriber.wasTold(uid)))
            .toList();
    gone.forEach(uid -> withdrawals.remove(uid).complete(null));
  }
}
