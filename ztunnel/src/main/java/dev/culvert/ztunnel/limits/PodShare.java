// SPDX-License-Identifier: Apache-2.0
package dev.culvert.ztunnel.limits;

import dev.culvert.policy.spiffe.SpiffeId;
import java.util.LinkedHashSet;
import java.util.Set;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;

/** What one pod has, against what it may have. */
public final class PodShare implements AutoCloseable {
  private final NodeLimits node;
  private final String name;
  private final AtomicInteger connections = new AtomicInteger();
  private final AtomicInteger tunnels = new AtomicInteger();

  /** The oldest first; guarded by the node's. */
  private final Set<Proving> proving = new LinkedHashSet<>();

  private final AtomicInteger descriptors = new AtomicInteger();
  private final AtomicBoolean closed = new AtomicBoolean();
  private final PeerCounts peerTunnels = new PeerCounts();
  private final PeerCounts peerConnections = new PeerCounts();

  PodShare(NodeLimits node, String name) {
    this.node = node;
    this.name = name;
  }

  /**
   * Whether the pod may have one more connection, which it was accepted as and has a descriptor
   * for; {@link #endConnection} follows.
   */
  public boolean beginConnection() {
    return beginStream() && (beginSocket() || dropped(connections));
  }

  public void endConnection() {
    endStream();
    endSocket();
  }

  /**
   * Whether the pod may have one more connection that comes to it from another socket: in a tunnel,
   * or from a neighbour; {@link #endStream} follows.
   */
  public boolean beginStream() {
    return begin(connections, node.settings().podConnections(), Limit.POD_CONNECTIONS);
  }

  public void endStream() {
    connections.decrementAndGet();
  }

  /** The same, of a peer that has proved who it is; {@link #endStream(SpiffeId)} follows. */
  public boolean beginStream(SpiffeId peer) {
    if (!beginStream()) {
      return false;
    }
    return peerConnections.begin(peer, node.settings().peerConnections())
        || dropped(connections)
        || refused(Limit.PEER_CONNECTIONS);
  }

  public void endStream(SpiffeId peer) {
    peerConnections.end(peer);
    endStream();
  }

  /** Whether one more tunnel may lead to the pod; {@link #endTunnel} follows. */
  public boolean beginTunnel() {
    return begin(tunnels, node.settings().podTunnels(), Limit.POD_TUNNELS)
        && (beginSocket() || dropped(tunnels));
  }

  public void endTunnel() {
    tunnels.decrementAndGet();
    endSocket();
  }

  private boolean begin(AtomicInteger count, int most, Limit limit) {
    return count.incrementAndGet() <= most || dropped(count) || refused(limit);
  }

  private static boolean dropped(AtomicInteger count) {
    count.decrementAndGet();
    return false;
  }

  /** Whether there may be one more socket in the pod's namespace; {@link #endSocket} follows. */
  public boolean beginSocket() {
    Limit against = node.takeDescriptor(descriptors.incrementAndGet());
    return against == null || dropped(descriptors) || refused(against);
  }

  public void endSocket() {
    descriptors.decrementAndGet();
    node.giveDescriptor();
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
    return peerTunnels.begin(peer, node.settings().peerTunnels()) || refused(Limit.PEER_TUNNELS);
  }

  public void endPeer(SpiffeId peer) {
    peerTunnels.end(peer);
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
