// SPDX-License-Identifier: Apache-2.0
package dev.culvert.ztunnel.dns;

import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;

/**
 * One query on its way: resolver after resolver until one answers, over TCP where the answer is too
 * large for UDP. On the loop of the pod.
 */
final class Exchange implements Attempt.Outcome {
  /** A stub resolver asks anew by itself after five seconds. */
  private static final int MOST_ATTEMPTS = 4;

  private final Forwarder forwarder;
  private final DnsQuery query;
  private final List<InetSocketAddress> resolvers;
  private final List<Consumer<Optional<ResolverAnswer>>> waiting = new ArrayList<>(1);
  private Optional<ResolverAnswer> second = Optional.empty();
  private Attempt attempt;
  private int attempts;
  private boolean overTcp;
  private boolean ended;

  Exchange(Forwarder forwarder, DnsQuery query, List<InetSocketAddress> resolvers) {
    this.forwarder = forwarder;
    this.query = query;
    this.resolvers = resolvers;
  }

  void join(Consumer<Optional<ResolverAnswer>> answered) {
    waiting.add(answered);
  }

  void begin() {
    next();
  }

  private void next() {
    if (attempts == Math.min(MOST_ATTEMPTS, 2 * resolvers.size())) {
      finish(second);
      return;
    }
    attempts++;
    overTcp = false;
    attempt = new DatagramAttempt(forwarder, query, resolver(), this);
    attempt.begin();
  }

  private InetSocketAddress resolver() {
    return resolvers.get((attempts - 1) % resolvers.size());
  }

  @Override
  public void answered(ResolverAnswer answer) {
    if (ended) {
      return;
    }
    if (answer.isTruncated() && !overTcp && query.isPlain()) {
      second = Optional.of(answer);
      overTcp = true;
      attempt = new StreamAttempt(forwarder, query, resolver(), this);
      attempt.begin();
    } else if (answer.isRefusal() && query.isPlain()) {
      second = second.isPresent() ? second : Optional.of(answer);
      next();
    } else {
      finish(Optional.of(answer));
    }
  }

  /** Half an answer is better than none, and says so itself. */
  @Override
  public void failed() {
    if (ended) {
      return;
    }
    if (overTcp) {
      finish(second);
    } else {
      next();
    }
  }

  void giveUp() {
    if (!ended) {
      attempt.cancel();
      finish(Optional.empty());
    }
  }

  private void finish(Optional<ResolverAnswer> answer) {
    ended = true;
    forwarder.ended(this);
    waiting.forEach(one -> one.accept(answer));
  }
}
