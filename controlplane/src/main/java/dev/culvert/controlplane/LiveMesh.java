// SPDX-License-Identifier: Apache-2.0
package dev.culvert.controlplane;

import dev.culvert.controlplane.access.RunningPod;
import dev.culvert.controlplane.discovery.DiscoverySnapshot;
import dev.culvert.controlplane.discovery.Snapshots;
import dev.culvert.controlplane.model.IncrementalModel;
import dev.culvert.controlplane.model.MeshModel;
import dev.culvert.controlplane.model.MeshNames;
import dev.culvert.controlplane.model.NodePods;
import dev.culvert.controlplane.source.Problems;
import dev.culvert.controlplane.source.ResourceChanges;
import dev.culvert.controlplane.state.StateFolder;
import dev.culvert.controlplane.verdict.Said;
import dev.culvert.controlplane.verdict.Verdicts;
import dev.culvert.policy.resource.ObjectReading;
import dev.culvert.policy.resource.ResourceError;
import dev.culvert.policy.resource.ResourceNotice;
import dev.culvert.policy.spiffe.SpiffeId;
import dev.culvert.policy.translate.TranslationNotice;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.Predicate;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** The newest model, given to all who serve from it. */
final class LiveMesh {
  /** A node's agent may hear of a new pod, and its proxy ask for it, a moment before we do. */
  private static final Duration PATIENCE = Duration.ofSeconds(2);

  private final Consumer<NodePods> nodes;
  private final Problems problems;
  private final Snapshots snapshots = new Snapshots(DiscoverySnapshot.EMPTY);
  private final ReentrantLock lock = new ReentrantLock();
  private final Condition changed = lock.newCondition();
  private final IncrementalModel mesh;
  private final Verdicts verdicts;
  private final Consumer<Said> judged;
  private Judged last = new Judged(Said.NOTHING, List.of());
  private @Nullable Told told;
  private volatile MeshModel model;

  /** What is wrong, and what has no effect. */
  private record Told(
      List<ResourceError> errors,
      List<ResourceNotice> notices,
      List<TranslationNotice> translated,
      List<String> judged) {}

  private record Judged(Said said, List<String> lines) {}

  /**
   * @param nodes hears what is on which node, before proxies hear of what is on them
   * @param judged hears what is to be said of the resources, after proxies have heard of them
   */
  LiveMesh(MeshNames names, Consumer<NodePods> nodes, StateFolder state, Consumer<Said> judged) {
    this.nodes = nodes;
    this.verdicts = new Verdicts(names);
    this.judged = judged;
    this.problems = new Problems(state);
    this.mesh = new IncrementalModel(names);
    this.model = mesh.current();
  }

  /**
   * Takes in a change. Proxies hear of it last: what they ask for at once, a certificate for a new
   * pod, is there by then.
   */
  void update(ResourceChanges changes) {
    MeshModel next = mesh.update(changes.put(), changes.texts(), changes.removed());
    adopt(next);
    tellNodes();
    snapshots.publish(next.discovery());
    judge(changes, next.notices());
    report(new Told(changes.errors(), changes.notices(), next.notices(), last.lines()));
  }

  private void judge(ResourceChanges changes, List<TranslationNotice> translated) {
    Said said;
    synchronized (verdicts) {
      said = verdicts.update(changes, translated);
    }
    if (!said.equals(last.said())) {
      last = new Judged(said, said.lines());
      judged.accept(said);
    }
  }

  /** What would be said of an object, were it there. */
  Said preview(String origin, ObjectReading reading) {
    synchronized (verdicts) {
      return verdicts.preview(origin, reading);
    }
  }

  /** Most changes say nothing new. */
  private void report(Told now) {
    if (now.equals(told)) {
      return;
    }
    told = now;
    problems.update(
        now.errors(),
        Stream.of(now.notices(), now.translated(), now.judged())
            .flatMap(List::stream)
            .map(Object::toString)
            .toList());
  }

  Snapshots snapshots() {
    return snapshots;
  }

  /** Whether a pod of the identity is on the node; waits a little before it says no. */
  boolean runsOn(String node, SpiffeId identity) {
    return await(pods -> Optional.of(identity).filter(one -> pods.runsOn(node, one))).isPresent();
  }

  /** A pod of which something is true; waits a little before it says that there is none. */
  Optional<RunningPod> pod(String namespace, String name, Predicate<RunningPod> expected) {
    return await(pods -> pods.find(namespace, name).filter(expected));
  }

  private <T> Optional<T> await(Function<NodePods, Optional<T>> question) {
    lock.lock();
    try {
      long left = PATIENCE.toNanos();
      while (question.apply(model.nodePods()).isEmpty() && left > 0) {
        left = changed.awaitNanos(left);
      }
      return question.apply(model.nodePods());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return Optional.empty();
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

  void tellNodes() {
    nodes.accept(model.nodePods());
  }
}
