// SPDX-License-Identifier: Apache-2.0
package dev.culvert.controlplane.source.kubernetes;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;

/** What was asked of an API server. */
final class RequestLog {
  private final Map<String, Integer> counts = new HashMap<>();
  private final Map<String, List<String>> selections = new ConcurrentHashMap<>();

  synchronized void add(ApiPath path) {
    counts.merge(path.plural(), 1, Integer::sum);
    selections
        .computeIfAbsent(path.plural(), _ -> new CopyOnWriteArrayList<>())
        .add((path.namespace() + " " + path.query("fieldSelector")).strip());
    notifyAll();
  }

  synchronized int count(String plural) {
    return counts.getOrDefault(plural, 0);
  }

  List<String> selections(String plural) {
    return List.copyOf(selections.getOrDefault(plural, List.of()));
  }

  /** Returns once as many have come. */
  synchronized void await(String plural, int count) throws InterruptedException {
    while (count(plural) < count) {
      wait();
    }
  }
}
