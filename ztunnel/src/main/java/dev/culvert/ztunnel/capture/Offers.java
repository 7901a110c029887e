// SPDX-License-Identifier: Apache-2.0
package dev.culvert.ztunnel.capture;

import dev.culvert.linux.socket.NetworkNamespace;
import dev.culvert.linux.socket.SocketOptions;
import dev.culvert.linux.socket.TcpDiagnosis;
import dev.culvert.ztunnel.route.ProxyPorts;
import dev.culvert.ztunnel.zds.Pod;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Pods that the agent names to a proxy that ends. It names them when the proxy after it is gone,
 * but also to everybody who connects again: so they are taken only where nobody else listens. One
 * thread at a time.
 */
final class Offers {
  private static final Logger LOG = LoggerFactory.getLogger(Offers.class);

  /** For the kernel to close what a process had that was killed. */
  private static final long COUNTS_NANOS = TimeUnit.SECONDS.toNanos(10);

  private record Offer(Pod pod, long until) {}

  private final Map<String, Offer> offers = new HashMap<>();
  private final LongSupplier clock;

  /**
   * @param clock in ns
   */
  Offers(LongSupplier clock) {
    this.clock = clock;
  }

  /** Keeps an offer for a while, and the pod's namespace with it. */
  void add(Pod pod) {
    forget(pod.uid());
    offers.put(pod.uid(), new Offer(pod, clock.getAsLong() + COUNTS_NANOS));
  }

  void forget(String uid) {
    Offer old = offers.remove(uid);
    if (old != null) {
      old.pod().netns().close();
    }
  }

  void retainOnly(Set<String> uids) {
    List.copyOf(offers.keySet()).stream().filter(uid -> !uids.contains(uid)).forEach(this::forget);
  }

  /**
   * Takes out the pods that nobody serves; the caller has their namespaces then.
   *
   * @param own the cookies of this proxy's own listeners
   */
  List<Pod> unserved(Set<Long> own) {
    List<Pod> unserved = new ArrayList<>();
    for (Offer offer : List.copyOf(offers.values())) {
      Pod pod = offer.pod();
      if (clock.getAsLong() - offer.until() >= 0) {
        forget(pod.uid());
      } else if (!isServed(pod.netns(), own)) {
        offers.remove(pod.uid());
        unserved.add(pod);
      }
    }
    return unserved;
  }

  /**
   * Whether another proxy listens for a pod's connections.
   *
   * @param own the cookies of this proxy's own listeners
   */
  static boolean isServed(NetworkNamespace netns, Set<Long> own) {
    try (TcpDiagnosis kernel = TcpDiagnosis.in(netns)) {
      return kernel.listeners().stream()
          .anyMatch(
              each ->
                  each.port() == ProxyPorts.OUTBOUND
                      && each.mark() == SocketOptions.MARK
                      && !own.contains(each.cookie()));
    } catch (IOException e) {
      LOG.warn("whether another proxy serves a pod cannot be seen: {}", e.getMessage());
      return true;
    }
  }

  void clear() {
    List.copyOf(offers.keySet()).forEach(this::forget);
  }
}
