// SPDX-License-Identifier: Apache-2.0
package dev.culvert.waypoint.stream;

import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Predicate;

/** The connections that are carried now: judged again whenever a policy changes. Any thread. */
public final class OpenPassages {
  private final Set<Passage> open = ConcurrentHashMap.newKeySet();

  void add(Passage passage) {
    open.add(passage);
  }

  void remove(Passage passage) {
    open.remove(passage);
  }

  /** Ends those that are forbidden now. */
  public void judge() {
    open.forEach(Passage::judge);
  }

  /** The same for some of them. */
  public void judge(Predicate<PassageClient> which) {
    open.stream().filter(one -> which.test(one.client())).forEach(Passage::judge);
  }
}
