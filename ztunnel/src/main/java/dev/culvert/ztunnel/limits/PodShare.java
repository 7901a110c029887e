// SPDX-License-Identifier: Apache-2.0
package dev.culvert.ztunnel.limits;

import dev.culvert.policy.spiffe.SpiffeId;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;

/** What one pod has, against what it may have. */
public final class PodShare implements AutoCloseable {
  /** The socket to the app, and the other side's. */
  private static final int OF_CONNECTION = 2;

  private static final int OF_TUNNEL = 1;

  private final NodeLimits node;
  private final String name;
  private final AtomicInteger connections = new AtomicInteger();
  private final AtomicInteger tunnels = new AtomicInteger();

  /** The oldest first; guarded by the node's. */
  private final Set<Proving> proving = new LinkedHashSet<>();

  private final AtomicInteger descriptors = new AtomicInteger();
  private final AtomicBoolean closed = new AtomicBoolean();
  private final Map<SpiffeId, Integer> byPeer = new ConcurrentHashMap<>();

  PodShare(NodeLimits node, String name) {
    this.node = node;
    this.name = name;
  }

  /** Whether the pod may have one more connection; {@link #endConnection} follows. */
  public boolean beginConnection() {
    return begin(
        connections, node.settings().podConnections(), Limit.POD_CONNECTIONS, OF_CONNECTION);
  }

  public void endConnection() {
    end(connections, OF_CONNECTION);
  }

  /** Whether one more tunnel may lead to the pod; {@link #endTunnel} follows. */
  public boolean beginTunnel() {
    return begin(tunnels, node.settings().podTunnels(), Limit.POD_TUNNELS, OF_TUNNEL);
  }

  public void endTunnel() {
    end(tunnels, OF_TUNNEL);
  }

  private boolean begin(AtomicInteger count, int most, Limit limit, int cost) {
    if (count.incrementAndGet() > most) {
      count.decrementAndGet();
      return refused(limit);
    }
    Limit against = node.takeDescriptors(cost, descriptors.addAndGet(cost));
    if (against != null) {
      count.decrementAndGet();
      descriptors.addAndGet(-cost);
      return refused(against);
    }
    return true;
  }

  private void end(AtomicInteger count, int cost) {
    count.decrementAndGet();
    descriptors.addAndGet(-cost);
    node.giveDescriptors(cost);
  }

  /** A peer begins to prove itself; {@link #endHandshake} follows. The oldest may make room. */
  public void beginHandshake(Proving peer) {
    Handshakes.Eviction eviction = node.handshakes().begin(proving, peer);
    if (eviction != null) {
      node.refusals().refused(eviction.limit(), name);
      eviction.oldest().makeRoom();
    }
  }

  /** It has proved itself, or never will; may be told twice. */
  public void endHandshake(Proving peer) {
    node.handshakes().end(proving, peer);
  }

  /** Whether a proved peer may have one more tunnel to the pod; {@link #endPeer} follows. */
  public boolean beginPeer(SpiffeId peer) {
    int most = node.settings().peerTunnels();
    if (byPeer.merge(peer, 1, Integer::sum) <= most) {
      return true;
    }
    endPeer(peer);
    return refused(Limit.PEER_TUNNELS);
  }

  public void endPeer(SpiffeId peer) {
    byPeer.computeIfPresent(peer, (same, count) -> count == 1 ? null : count - 1);
  }

  private boolean refused(Limit limit) {
    node.refusals().refused(limit, name);
    return false;
  }

  /** The pod counts no more among those that share the node. */
  @Override
  public void close() {
    if (closed.compareAndSet(false, true)) {
      node.podGone();
    }
  }
}
