// SPDX-License-Identifier: Apache-2.0
package dev.culvert.ztunnel.xds;

import dev.culvert.policy.wire.discovery.DeltaDiscoveryRequest;
import dev.culvert.policy.wire.discovery.DeltaDiscoveryResponse;
import dev.culvert.policy.wire.discovery.Resource;
import dev.culvert.ztunnel.xds.ResourceSink.Rejected;
import io.netty.channel.EventLoop;
import java.time.Duration;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.Executor;
import java.util.function.Consumer;
import java.util.stream.Collectors;

/**
 * Addresses that the control plane is asked for by name when a connection needs them. What it does
 * not have is remembered for a while, and while it is away for as long as that lasts. Asked on any
 * thread; what is asked and answered changes on the xDS thread.
 */
public final class OnDemand {
  private final MeshStore mesh;
  private final String node;
  private final Executor thread;
  private final Consumer<DeltaDiscoveryRequest.Builder> sender;
  private final Answers answers;
  private final Map<String, Set<Waiting>> waiting = new HashMap<>();

  /**
   * @param node whose pods' services are asked for with the pods
   * @param thread the xDS thread
   * @param sender sends on the stream that is open now, if any
   */
  OnDemand(
      MeshStore mesh,
      String node,
      Executor thread,
      Consumer<DeltaDiscoveryRequest.Builder> sender,
      Answers answers) {
    this.mesh = mesh;
    this.node = node;
    this.thread = thread;
    this.sender = sender;
    this.answers = answers;
  }

  /** The mesh as one decision needs it. */
  public NeededNames look() {
    return new NeededNames(mesh, answers);
  }

  /**
   * Asks for names.
   *
   * @param answered called once, on the loop; false when patience ended before the last answer
   */
  public void ask(
      Collection<String> names, EventLoop loop, Duration patience, Consumer<Boolean> answered) {
    Waiting one = new Waiting(names, loop, answered);
    one.begin(patience, () -> thread.execute(() -> forget(one)));
    thread.execute(() -> begin(one));
  }

  private void begin(Waiting one) {
    Set<String> first = new LinkedHashSet<>();
    for (String name : one.names()) {
      if (answers.isSettled(name)) {
        one.settled(name);
      } else {
        Set<Waiting> others = waiting.computeIfAbsent(name, n -> new LinkedHashSet<>());
        if (others.isEmpty()) {
          first.add(name);
        }
        others.add(one);
      }
    }
    subscribe(first);
  }

  private void forget(Waiting one) {
    for (String name : one.names()) {
      waiting.computeIfPresent(name, (n, all) -> all.remove(one) && all.isEmpty() ? null : all);
    }
  }

  private void subscribe(Collection<String> names) {
    if (!names.isEmpty()) {
      List<String> dropped = answers.asked(names);
      sender.accept(
          DeltaDiscoveryRequest.newBuilder()
              .addAllResourceNamesSubscribe(names)
              .addAllResourceNamesUnsubscribe(dropped));
    }
  }

  /**
   * Makes the first request of a stream one for nothing but names: those asked for, and those of
   * what is held, which would not be kept true otherwise. Without a name it would be for all.
   */
  void begin(DeltaDiscoveryRequest.Builder first, Collection<String> held) {
    Set<String> names = new HashSet<>(held);
    names.addAll(answers.names());
    first
        .addResourceNamesSubscribe("*")
        .addAllResourceNamesSubscribe(names)
        .addResourceNamesUnsubscribe("*");
    answers.connected(true);
  }

  /** Until the next stream the last answers stay good. */
  void ended() {
    answers.connected(false);
  }

  /** Takes in what a response, which the mesh has taken in already, says of names. */
  void answered(DeltaDiscoveryResponse response, List<Rejected> rejected) {
    Set<String> bad = rejected.stream().map(Rejected::name).collect(Collectors.toSet());
    response.getRemovedResourcesList().forEach(name -> settled(answers.removed(name)));
    for (Resource resource : response.getResourcesList()) {
      // One that cannot be used is no answer: it may be of a destination that has a tunnel.
      if (!bad.contains(resource.getName())) {
        settled(answers.found(resource.getName(), resource.getAliasesList()));
        subscribe(servicesOf(resource.getName()));
      }
    }
  }

  /** A connection to a pod may name the service, and its telemetry should. */
  private Set<String> servicesOf(String uid) {
    return mesh.workloadByUid(uid)
        .filter(workload -> workload.node().equals(node))
        .map(workload -> answers.unasked(workload.services().keySet()))
        .orElse(Set.of());
  }

  private void settled(Collection<String> names) {
    for (String name : names) {
      Set<Waiting> all = waiting.remove(name);
      if (all != null) {
        all.forEach(one -> one.settled(name));
      }
    }
  }
}
