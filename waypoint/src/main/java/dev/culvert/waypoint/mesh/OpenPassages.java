// SPDX-License-Identifier: Apache-2.0
package dev.culvert.waypoint.mesh;

import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/** The connections that are carried as they are: judged again whenever a policy changes. */
final class OpenPassages {
  private final Set<TcpPassage> open = ConcurrentHashMap.newKeySet();

  void add(TcpPassage passage) {
    open.add(passage);
  }

  void remove(TcpPassage passage) {
    open.remove(passage);
  }

  /** Ends those to what is not this waypoint's any more. Any thread. */
  void endUnbound(Bound bound) {
    open.stream().filter(one -> !bound.isBound(one.asked())).forEach(TcpPassage::judge);
  }

  /** Ends those that are forbidden now. Any thread. */
  void judge() {
    open.forEach(TcpPassage::judge);
  }
}
