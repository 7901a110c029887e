// SPDX-License-Identifier: Apache-2.0
package dev.culvert.ztunnel.limits;

import dev.culvert.policy.spiffe.SpiffeId;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/** How many of something each peer of a pod has; one that has none is not kept. Any thread. */
final class PeerCounts {
  private final Map<SpiffeId, Integer> counts = new ConcurrentHashMap<>();

  /** Whether it may have one more; {@link #end} follows. */
  boolean begin(SpiffeId peer, int most) {
    if (counts.merge(peer, 1, Integer::sum) <= most) {
      return true;
    }
    end(peer);
    return false;
  }

  void end(SpiffeId peer) {
    counts.computeIfPresent(peer, (same, count) -> count == 1 ? null : count - 1);
  }
}
