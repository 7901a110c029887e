// SPDX-License-Identifier: Apache-2.0
package dev.culvert.ztunnel.pairs;

import dev.culvert.policy.authz.ConnectionFacts;
import dev.culvert.policy.authz.Verdict;
import dev.culvert.ztunnel.xds.Workload;
import dev.culvert.ztunnel.zds.Pod;
import java.net.InetSocketAddress;

/** Two pods that have, or may have, connections without the proxy. Thread {@code pairs}. */
final class Watched {
  /** A client and where it goes. */
  record Key(String sourceUid, InetSocketAddress endpoint) {}

  private final Pod source;
  private final Pod destination;
  private final ConnectionFacts facts;
  private Workload lastKnown;
  private Verdict verdict;
  private boolean granted;

  Watched(Pod source, Pod destination, Workload workload, ConnectionFacts facts, Verdict verdict) {
    this.source = source;
    this.destination = destination;
    this.lastKnown = workload;
    this.facts = facts;
    this.verdict = verdict;
  }

  Key key() {
    return new Key(source.uid(), endpoint());
  }

  Pod source() {
    return source;
  }

  Pod destination() {
    return destination;
  }

  InetSocketAddress endpoint() {
    return new InetSocketAddress(facts.destinationIp(), facts.destinationPort());
  }

  ConnectionFacts facts() {
    return facts;
  }

  Workload lastKnown() {
    return lastKnown;
  }

  Verdict verdict() {
    return verdict;
  }

  /** Notes how it is judged now. */
  void judged(Workload workload, Verdict now) {
    lastKnown = workload;
    verdict = now;
  }

  boolean isGranted() {
    return granted;
  }

  void granted(boolean now) {
    granted = now;
  }

  boolean isOf(Pod pod) {
    return source.uid().equals(pod.uid()) || destination.uid().equals(pod.uid());
  }
}
