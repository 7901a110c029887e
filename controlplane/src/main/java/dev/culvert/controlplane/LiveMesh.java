// SPDX-License-Identifier: Apache-2.0
package dev.culvert.controlplane;

import dev.culvert.controlplane.access.NodeTokens;
import dev.culvert.controlplane.discovery.DiscoverySnapshot;
import dev.culvert.controlplane.discovery.Snapshots;
import dev.culvert.controlplane.model.MeshModel;
import dev.culvert.controlplane.model.MeshNames;
import dev.culvert.controlplane.source.Problems;
import dev.culvert.controlplane.source.ResourceChanges;
import dev.culvert.controlplane.state.StateFolder;
import dev.culvert.policy.resource.Resource;
import dev.culvert.policy.resource.ResourceKey;
import dev.culvert.policy.spiffe.SpiffeId;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.stream.Stream;

/** The newest model, given to all who serve from it. */
final class LiveMesh {
  /** A node's agent may hear of a new pod, and its proxy ask for it, a moment before we do. */
  private static final Duration PATIENCE = Duration.ofSeconds(2);

  private final MeshNames names;
  private final NodeTokens tokens;
  private final Problems problems;
  private final Snapshots snapshots = new Snapshots(DiscoverySnapshot.EMPTY);
  private final ReentrantLock lock = new ReentrantLock();
  private final Condition changed = lock.newCondition();
  private final Map<ResourceKey, Resource> resources = new HashMap<>();
  private volatile MeshModel model;

  LiveMesh(MeshNames names, NodeTokens tokens, StateFolder state) {
    this.names = names;
    this.tokens = tokens;
    this.problems = new Problems(state);
    this.model = MeshModel.of(List.of(), names);
  }

  /**
   * Takes in a change. Proxies hear of it last: what they ask for at once, a certificate for a new
   * pod, is there by then.
   */
  void update(ResourceChanges changes) {
    changes.removed().forEach(resources::remove);
    changes.put().forEach(resource -> resources.put(resource.key(), resource));
    MeshModel next = MeshModel.of(resources.values(), names);
    adopt(next);
    refreshTokens();
    snapshots.publish(next.discovery());
    problems.update(
        changes.errors(),
        Stream.concat(
                changes.notices().stream().map(Object::toString),
                next.notices().stream().map(Object::toString))
            .toList());
  }

  Snapshots snapshots() {
    return snapshots;
  }

  /** Waits a little before it says no. */
  boolean runsOn(String node, SpiffeId identity) {
    lock.lock();
    try {
      long left = PATIENCE.toNanos();
      while (!model.nodePods().runsOn(node, identity) && left > 0) {
        left = changed.awaitNanos(left);
      }
      return model.nodePods().runsOn(node, identity);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return false;
    } finally {
      lock.unlock();
    }
  }

  private void adopt(MeshModel next) {
    lock.lock();
    try {
      model = next;
      changed.signalAll();
    } finally {
      lock.unlock();
    }
  }

  void refreshTokens() {
    tokens.refresh(model.nodePods().nodes());
  }
}
