// SPDX-License-Identifier: Apache-2.0
package dev.culvert.ztunnel.pairs;

import dev.culvert.policy.authz.Verdict;
import dev.culvert.ztunnel.zds.Pod;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The pairs that are granted or may have open connections. A grant carries the generation that was
 * read before it was decided, and every change that takes something back writes a new one first: so
 * a grant that was overtaken by a change is void wherever it is. Thread {@code pairs}.
 */
final class PairTable {
  private static final Logger LOG = LoggerFactory.getLogger(PairTable.class);
  private static final int MAX = 16_384;

  private final Map<Watched.Key, Watched> pairs = new HashMap<>();
  private final Map<String, LocalPod> pods = new HashMap<>();
  private final Consumer<Runnable> sweepLater;
  private List<PairLink.Earlier> unjudged = List.of();
  private PairPolicy policy;
  private PairLink link;
  private KernelMaps kernel;
  private long generation;
  private volatile int granted;

  /**
   * @param sweepLater runs the sweep a few times, soon
   */
  PairTable(Consumer<Runnable> sweepLater) {
    this.sweepLater = sweepLater;
  }

  void decideBy(PairPolicy decides, PairLink agent) {
    policy = decides;
    link = agent;
  }

  int granted() {
    return granted;
  }

  void linked(KernelMaps maps, List<PairLink.Earlier> earlier) {
    closeKernel();
    kernel = maps;
    generation = 0;
    unjudged = new ArrayList<>(earlier);
    judgeEarlier();
  }

  /** The agent is gone: the kernel's lease would run out, but not at once. */
  void unlinked() {
    voidAll();
    pairs.values().forEach(pair -> pair.granted(false));
    count();
  }

  /** Another ztunnel decides, and has been told of what is open: nothing here is ours any more. */
  void superseded() {
    closeKernel();
    pairs.clear();
    unjudged = List.of();
    count();
  }

  void join(LocalPod pod) {
    Optional.ofNullable(pods.get(pod.pod().uid())).ifPresent(before -> gone(before.pod()));
    pods.put(pod.pod().uid(), pod);
    judgeEarlier();
  }

  /** Its grants end; what it has open may go on for a while. */
  void leave(Pod pod) {
    for (Watched pair : pairs.values()) {
      if (pair.isOf(pod) && pair.isGranted()) {
        pair.granted(false);
        link.revoke(pair.source().uid(), pair.endpoint());
      }
    }
    count();
  }

  /** Its time is over: what is still open is reset. */
  void gone(Pod pod) {
    LocalPod local = pods.get(pod.uid());
    if (local == null || !local.pod().equals(pod)) {
      return; // a successor with the same uid has ended it already
    }
    List<Watched> ended = pairs.values().stream().filter(pair -> pair.isOf(pod)).toList();
    ended.forEach(this::reset);
    ended.forEach(pair -> pairs.remove(pair.key()));
    pods.remove(pod.uid());
    local.close();
  }

  /** A connection of theirs was proxied and allowed: the next need not be. */
  void consider(Pod source, InetSocketAddress asked) {
    if (kernel == null || !link.isUp() || !pods.containsKey(source.uid())) {
      return;
    }
    long before = currentGeneration();
    Optional<Watched> found = policy.find(source, asked).filter(pair -> pair.verdict().isAllowed());
    if (before == 0 || found.isEmpty()) {
      return;
    }
    Watched pair = found.get();
    if (pairs.size() >= MAX && !pairs.containsKey(pair.key())) {
      return;
    }
    pairs.put(pair.key(), pair);
    grant(pair, before);
    count();
  }

  private void grant(Watched pair, long current) {
    pair.granted(true);
    link.grant(current, pair.source().uid(), pair.destination().uid(), pair.endpoint());
  }

  /** Judges all again; one that is not upheld voids them all, and the others are granted anew. */
  void meshChanged() {
    judgeEarlier();
    List<Watched> denied = new ArrayList<>();
    List<Watched> lost = new ArrayList<>();
    for (Watched pair : pairs.values()) {
      boolean was = pair.verdict().isAllowed();
      boolean upheld = isUpheld(pair);
      if (was && !pair.verdict().isAllowed()) {
        denied.add(pair);
      }
      if (pair.isGranted() && !upheld) {
        lost.add(pair);
      }
    }
    if (!denied.isEmpty() || !lost.isEmpty()) {
      revoke(lost, denied);
    }
  }

  /** One that cannot be judged is not upheld. */
  private boolean isUpheld(Watched pair) {
    try {
      policy.judge(pair);
      return pair.verdict().isAllowed() && policy.upholds(pair);
    } catch (RuntimeException e) {
      LOG.error("a pair could not be judged again: {}", pair.facts(), e);
      return false;
    }
  }

  private void revoke(List<Watched> lost, List<Watched> denied) {
    voidAll();
    denied.forEach(this::deny);
    for (Watched pair : lost) {
      pair.granted(false);
      link.revoke(pair.source().uid(), pair.endpoint());
    }
    regrant();
  }

  private void regrant() {
    long current = currentGeneration();
    pairs.values().stream().filter(Watched::isGranted).forEach(pair -> grant(pair, current));
    count();
  }

  private void deny(Watched pair) {
    Verdict.Deny deny = (Verdict.Deny) pair.verdict();
    LOG.info(
        "closing {} to {}/{}: {}{}",
        pair.facts(),
        pair.lastKnown().namespace(),
        pair.lastKnown().name(),
        deny.reason(),
        deny.policy().map(key -> ", " + key).orElse(""));
    reset(pair);
    sweepLater.accept(() -> resetIfDenied(pair));
  }

  /** A connect that raced the change may have been missed the first time. */
  private void resetIfDenied(Watched pair) {
    if (!pair.verdict().isAllowed()) {
      reset(pair);
    }
  }

  private void reset(Watched pair) {
    LocalPod source = pods.get(pair.source().uid());
    if (source == null) {
      return;
    }
    try {
      int count = source.reset(pair.endpoint());
      if (count > 0) {
        LOG.info("{} connections of {} are reset", count, pair.facts());
      }
    } catch (IOException e) {
      LOG.error("connections of {} cannot be reset: {}", pair.facts(), e.getMessage());
    }
  }

  /** Pairs of an earlier ztunnel may have connections open: they are judged once it can be. */
  private void judgeEarlier() {
    List<PairLink.Earlier> still = new ArrayList<>();
    for (PairLink.Earlier each : unjudged) {
      Optional<LocalPod> source =
          pods.values().stream().filter(pod -> pod.cookie() == each.source()).findFirst();
      Optional<Watched> found = source.flatMap(pod -> policy.findOpen(pod.pod(), each.endpoint()));
      if (found.isEmpty()) {
        still.add(each);
      } else if (pairs.putIfAbsent(found.get().key(), found.get()) == null
          && !found.get().verdict().isAllowed()) {
        deny(found.get());
      }
    }
    unjudged = still;
  }

  /** Keeps the agent's lease; grants again what somebody else made void. */
  void beat() {
    if (kernel == null || !link.isUp()) {
      return;
    }
    long current = currentGeneration();
    if (current != generation) {
      generation = current;
      regrant();
    }
    link.beat();
  }

  void readReports(FlowReports reports) {
    if (kernel != null) {
      reports.read(kernel, this::verdict);
    }
  }

  private Optional<Verdict> verdict(Pod source, InetSocketAddress endpoint) {
    return Optional.ofNullable(pairs.get(new Watched.Key(source.uid(), endpoint)))
        .map(Watched::verdict);
  }

  private void voidAll() {
    if (kernel == null) {
      return;
    }
    try {
      generation = kernel.voidAll();
    } catch (IOException e) {
      LOG.error("grants cannot be voided, they end with the agent's lease: {}", e.getMessage());
      link.close();
    }
  }

  /** 0 when it cannot be read: no grant counts for that. */
  private long currentGeneration() {
    try {
      return kernel.generation();
    } catch (IOException e) {
      LOG.error("{}", e.getMessage());
      return 0;
    }
  }

  private void count() {
    granted = (int) pairs.values().stream().filter(Watched::isGranted).count();
  }

  private void closeKernel() {
    if (kernel != null) {
      kernel.close();
      kernel = null;
    }
  }

  void close() {
    voidAll();
    closeKernel();
    pods.values().forEach(LocalPod::close);
    pods.clear();
  }
}
