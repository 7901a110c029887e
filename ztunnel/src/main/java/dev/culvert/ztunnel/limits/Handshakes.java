// SPDX-License-Identifier: Apache-2.0
package dev.culvert.ztunnel.limits;

import java.util.LinkedHashSet;
import java.util.Set;

/**
 * The tunnels of all pods whose peers have not proved yet who they are. An honest peer is done
 * within milliseconds: where there are too many, the one that has waited longest makes room, so
 * that silent ones keep nobody out. One lock, taken as often as a handshake, which costs far more.
 */
final class Handshakes {
  private final int most;
  private final int mostOfPod;

  /** The oldest first. */
  private final Set<Proving> all = new LinkedHashSet<>();

  /** What has to make room, and why. */
  record Eviction(Proving oldest, Limit limit) {}

  Handshakes(LimitSettings settings) {
    this.most = settings.handshakes();
    this.mostOfPod = settings.podHandshakes();
  }

  /**
   * One more begins.
   *
   * @param ofPod those of its pod, the oldest first; only used here
   * @return null when there is room
   */
  synchronized Eviction begin(Set<Proving> ofPod, Proving one) {
    all.add(one);
    ofPod.add(one);
    if (ofPod.size() > mostOfPod) {
      return oldest(ofPod, Limit.POD_HANDSHAKES);
    }
    return all.size() > most ? oldest(all, Limit.NODE_HANDSHAKES) : null;
  }

  private Eviction oldest(Set<Proving> from, Limit limit) {
    Proving oldest = from.iterator().next();
    from.remove(oldest);
    all.remove(oldest);
    return new Eviction(oldest, limit);
  }

  /** Its peer has proved who it is, or never will; may be told twice. */
  synchronized void end(Set<Proving> ofPod, Proving one) {
    all.remove(one);
    ofPod.remove(one);
  }

  synchronized int size() {
    return all.size();
  }
}
