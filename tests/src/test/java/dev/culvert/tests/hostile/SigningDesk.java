// SPDX-License-Identifier: Apache-2.0
package dev.culvert.tests.hostile;

import dev.culvert.policy.wire.ca.IstioCertificateRequest;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;

/** When a CA signs: at once, or when a test lets it; or not at all. */
public final class SigningDesk {
  private final BlockingQueue<String> arrived = new LinkedBlockingQueue<>();
  private final Map<String, Integer> arrivals = new ConcurrentHashMap<>();
  private final Map<String, CountDownLatch> held = new HashMap<>();
  private boolean holds;
  private volatile String refused = "";

  /** From now on every request waits until its identity is released. */
  public synchronized void hold() {
    arrived.clear();
    holds = true;
  }

  /** Lets one that waits go on. */
  public synchronized void release(String identity) {
    held.remove(identity).countDown();
  }

  /** From now on none waits, nor those that did. */
  public synchronized void releaseAll() {
    holds = false;
    held.values().forEach(CountDownLatch::countDown);
    held.clear();
  }

  /** From now on it has no time for one identity; empty for none. */
  public void refuse(String identity) {
    refused = identity;
  }

  /** The identity of the next request. */
  public String nextArrived() throws InterruptedException {
    String next = arrived.poll(30, TimeUnit.SECONDS);
    if (next == null) {
      throw new AssertionError("nobody asked for a certificate within 30 s");
    }
    return next;
  }

  /** How often it was asked to sign for an identity. */
  public int arrivals(String identity) {
    return arrivals.getOrDefault(identity, 0);
  }

  /** On a thread that may wait, before the request is signed. */
  void arrive(IstioCertificateRequest request) {
    String identity = SigningService.identity(request);
    CountDownLatch gate = gate(identity);
    var _ = arrivals.merge(identity, 1, Integer::sum);
    arrived.add(identity);
    if (identity.equals(refused)) {
      throw new StatusRuntimeException(Status.RESOURCE_EXHAUSTED.withDescription("too much to do"));
    }
    try {
      gate.await();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new StatusRuntimeException(Status.CANCELLED);
    }
  }

  private synchronized CountDownLatch gate(String identity) {
    CountDownLatch gate = new CountDownLatch(holds ? 1 : 0);
    if (holds) {
      held.put(identity, gate);
    }
    return gate;
  }
}
