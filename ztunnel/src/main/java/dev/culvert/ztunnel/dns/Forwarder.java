// SPDX-License-Identifier: Apache-2.0
package dev.culvert.ztunnel.dns;

import io.netty.channel.EventLoop;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;

/**
 * Sends one pod's queries to resolvers. Of queries that are the same only the first goes out: more
 * would double a flood, and a forger's chances (RFC 5452 5). On the loop of the pod.
 */
final class Forwarder {
  private final EventLoop loop;
  private final Upstream upstream;
  private final DnsSettings settings;
  private final DnsMeters meters;
  private final Map<AnswerCache.Key, Exchange> shared = new HashMap<>();
  private final Map<Exchange, Optional<AnswerCache.Key>> open = new HashMap<>();
  private final List<Runnable> awaitingIdle = new ArrayList<>();

  Forwarder(EventLoop loop, Upstream upstream, DnsSettings settings, DnsMeters meters) {
    this.loop = loop;
    this.upstream = upstream;
    this.settings = settings;
    this.meters = meters;
  }

  /**
   * Forwards a query.
   *
   * @param key by which the same query is known; empty where none is the same
   * @param resolvers in the order in which they are asked, at least one
   * @param answered called once, on the loop; empty when no resolver answered
   */
  void forward(
      DnsQuery query,
      Optional<AnswerCache.Key> key,
      List<InetSocketAddress> resolvers,
      Consumer<Optional<ResolverAnswer>> answered) {
    Exchange running = key.map(shared::get).orElse(null);
    if (running != null) {
      running.join(answered);
      return;
    }
    Exchange exchange = new Exchange(this, query, resolvers);
    exchange.join(answered);
    open.put(exchange, key);
    key.ifPresent(own -> shared.put(own, exchange));
    exchange.begin();
  }

  EventLoop loop() {
    return loop;
  }

  Upstream upstream() {
    return upstream;
  }

  long timeoutNanos() {
    return settings.timeout().toNanos();
  }

  void sent() {
    meters.upstreamRequests().increment();
  }

  void answeredAfter(long nanos) {
    meters.upstreamDuration().record(nanos, TimeUnit.NANOSECONDS);
  }

  void unanswered() {
    meters.upstreamFailures().increment();
  }

  void ended(Exchange exchange) {
    Optional<AnswerCache.Key> key = open.remove(exchange);
    if (key != null) {
      key.ifPresent(own -> shared.remove(own, exchange));
    }
    if (open.isEmpty() && !awaitingIdle.isEmpty()) {
      loop.execute(this::idle);
    }
  }

  /** Runs it once nothing is open, after what ended last was answered. */
  void whenIdle(Runnable then) {
    if (open.isEmpty()) {
      then.run();
    } else {
      awaitingIdle.add(then);
    }
  }

  private void idle() {
    List<Runnable> all = List.copyOf(awaitingIdle);
    awaitingIdle.clear();
    all.forEach(Runnable::run);
  }

  void close() {
    List.copyOf(open.keySet()).forEach(Exchange::giveUp);
  }
}
