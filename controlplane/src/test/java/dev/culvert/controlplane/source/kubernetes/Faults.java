// SPDX-License-Identifier: Apache-2.0
package dev.culvert.controlplane.source.kubernetes;

import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;

/** What an API server was told to do wrong. */
final class Faults {
  private final Map<String, Integer> refused = new ConcurrentHashMap<>();
  private final Map<String, Integer> refusedWrites = new ConcurrentHashMap<>();
  private boolean held;
  private int waiting;

  /**
   * Answers requests with this status.
   *
   * @param collection {@code PLURAL}, or {@code NAMESPACE/PLURAL} for those of one namespace
   */
  void refuse(String collection, int status) {
    refused.put(collection, status);
  }

  void refuseWrites(String plural, int status) {
    refusedWrites.put(plural, status);
  }

  void accept(String plural) {
    refused.remove(plural);
    refusedWrites.remove(plural);
  }

  /** The status that a request is to be refused with. */
  Optional<Integer> refusal(String method, ApiPath path) {
    return status(refused, path.namespace() + "/" + path.plural())
        .or(() -> status(refused, path.plural()))
        .or(() -> method.equals("GET") ? Optional.empty() : status(refusedWrites, path.plural()));
  }

  private static Optional<Integer> status(Map<String, Integer> all, String collection) {
    return Optional.ofNullable(all.get(collection));
  }

  synchronized void hold() {
    held = true;
  }

  synchronized void release() {
    held = false;
    notifyAll();
  }

  /** Returns once nothing is held. */
  synchronized void awaitRelease() throws InterruptedException {
    waiting++;
    notifyAll();
    try {
      while (held) {
        wait();
      }
    } finally {
      waiting--;
    }
  }

  /** Returns once a request is held. */
  synchronized void awaitHeld() throws InterruptedException {
    while (!held || waiting == 0) {
      wait();
    }
  }
}
