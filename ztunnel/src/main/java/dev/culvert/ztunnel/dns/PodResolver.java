// SPDX-License-Identifier: Apache-2.0
package dev.culvert.ztunnel.dns;

import dev.culvert.ztunnel.xds.MeshStore;
import dev.culvert.ztunnel.zds.Pod;
import io.netty.channel.EventLoop;
import io.netty.handler.codec.dns.DnsRecordType;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;

/** Answers one pod's queries: by the mesh, from the cache or by a resolver. On its loop. */
final class PodResolver {
  private static final int IPV4_BYTES = 4;
  private static final int AXFR = DnsRecordType.AXFR.intValue();
  private static final int IXFR = DnsRecordType.IXFR.intValue();

  private final Pod pod;
  private final MeshStore mesh;
  private final Newcomers newcomers;
  private final MeshNames names;
  private final DnsSettings settings;
  private final DnsMeters meters;
  private final PodLimits limits;
  private final AnswerCache cache;
  private final Forwarder forwarder;

  PodResolver(
      Pod pod,
      MeshStore mesh,
      Newcomers newcomers,
      MeshNames names,
      DnsSettings settings,
      DnsMeters meters,
      PodLimits limits,
      Forwarder forwarder) {
    this.pod = pod;
    this.mesh = mesh;
    this.newcomers = newcomers;
    this.names = names;
    this.settings = settings;
    this.meters = meters;
    this.limits = limits;
    this.cache = new AnswerCache(settings.cacheBytes(), System::nanoTime);
    this.forwarder = forwarder;
  }

  EventLoop loop() {
    return forwarder.loop();
  }

  /**
   * Answers a query.
   *
   * @param asked the resolver that the pod asked, if it is known
   * @param limit the most bytes of the answer
   * @param answered called once, on the loop
   */
  void resolve(
      DnsQuery query, Optional<InetSocketAddress> asked, int limit, Consumer<byte[]> answered) {
    meters.requests().increment();
    if (query.edns().isPresent() && query.edns().get().version() > 0) {
      answered.accept(DnsAnswer.error(query, DnsAnswer.BADVERS));
    } else if (query.type() == AXFR || query.type() == IXFR) {
      // A zone comes in many messages, and is nobody's to fetch through a proxy.
      answered.accept(DnsAnswer.error(query, DnsAnswer.NOTIMP));
    } else if (!settings.answersNames()) {
      lookElsewhere(query, asked, limit, answered);
    } else if (newcomers.isKnown(pod)) {
      look(query, asked, limit, answered);
    } else {
      lookOnceKnown(query, asked, limit, answered);
    }
  }

  private void look(
      DnsQuery query, Optional<InetSocketAddress> asked, int limit, Consumer<byte[]> answered) {
    Optional<MeshNames.Found> known =
        query.asksForAddress() ? names.lookUp(pod.namespace(), query.name()) : Optional.empty();
    known.ifPresentOrElse(
        found ->
            answered.accept(
                DnsAnswer.addresses(
                    query, found.hostname(), ofFamily(query.type(), found.addresses()), limit)),
        () -> lookElsewhere(query, asked, limit, answered));
  }

  /** Without a view of the mesh a resolver's "no such name" could be wrong, and be cached. */
  private void lookOnceKnown(
      DnsQuery query, Optional<InetSocketAddress> asked, int limit, Consumer<byte[]> answered) {
    if (!limits.beginQuery()) {
      answered.accept(DnsAnswer.error(query, DnsAnswer.SERVFAIL));
      return;
    }
    newcomers.await(
        pod,
        loop(),
        known -> {
          limits.endQuery();
          if (known) {
            look(query, asked, limit, answered);
          } else {
            answered.accept(DnsAnswer.error(query, DnsAnswer.SERVFAIL));
          }
        });
  }

  private void lookElsewhere(
      DnsQuery query, Optional<InetSocketAddress> sender, int limit, Consumer<byte[]> answered) {
    Optional<InetSocketAddress> asked = sender.filter(this::isNotOwn);
    Optional<AnswerCache.Key> key =
        AnswerCache.serves(query)
            ? Optional.of(AnswerCache.Key.of(asked, query))
            : Optional.empty();
    Optional<byte[]> kept = key.flatMap(own -> cache.get(own, query, limit));
    if (kept.isPresent()) {
      meters.cacheHits().increment();
      answered.accept(kept.get());
      return;
    }
    List<InetSocketAddress> resolvers = resolvers(asked);
    if (resolvers.isEmpty()) {
      answered.accept(DnsAnswer.error(query, DnsAnswer.REFUSED));
    } else {
      forward(query, key, resolvers, limit, answered);
    }
  }

  /**
   * Rules of the packet filter leave a query the pod's own address: it does not say who is asked.
   */
  private boolean isNotOwn(InetSocketAddress sender) {
    return mesh.workload(pod.namespace(), pod.name())
        .filter(own -> own.addresses().contains(sender.getAddress()))
        .isEmpty();
  }

  private void forward(
      DnsQuery query,
      Optional<AnswerCache.Key> key,
      List<InetSocketAddress> resolvers,
      int limit,
      Consumer<byte[]> answered) {
    if (!limits.beginQuery()) {
      answered.accept(DnsAnswer.error(query, DnsAnswer.SERVFAIL));
      return;
    }
    int held = query.packet().length;
    if (!limits.hold(held)) {
      limits.endQuery();
      answered.accept(DnsAnswer.error(query, DnsAnswer.SERVFAIL));
      return;
    }
    forwarder.forward(
        query,
        key,
        resolvers,
        answer -> {
          limits.endQuery();
          limits.release(held);
          answer.ifPresent(kept -> key.ifPresent(own -> cache.put(own, kept)));
          answered.accept(
              answer
                  .map(found -> found.to(query, limit))
                  .orElseGet(() -> DnsAnswer.error(query, DnsAnswer.SERVFAIL)));
        });
  }

  /** The one that the pod asked first: it may have reasons. */
  private List<InetSocketAddress> resolvers(Optional<InetSocketAddress> asked) {
    List<InetSocketAddress> all = new ArrayList<>();
    asked.ifPresent(all::add);
    all.addAll(settings.resolvers());
    return all.stream().distinct().toList();
  }

  /** In another order each time, so that clients that take the first spread. */
  private static List<InetAddress> ofFamily(int type, List<InetAddress> addresses) {
    boolean v4 = type == DnsQuery.TYPE_A;
    List<InetAddress> own = new ArrayList<>();
    for (InetAddress address : addresses) {
      if (v4 == (address.getAddress().length == IPV4_BYTES)) {
        own.add(address);
      }
    }
    Collections.shuffle(own);
    return own;
  }

  void whenIdle(Runnable then) {
    forwarder.whenIdle(then);
  }

  void close() {
    forwarder.close();
  }
}
