// SPDX-License-Identifier: Apache-2.0
package dev.culvert.ztunnel.capture;

import dev.culvert.policy.spiffe.SpiffeId;
import dev.culvert.ztunnel.hbone.TunnelPools;
import dev.culvert.ztunnel.inbound.Deliveries;
import dev.culvert.ztunnel.route.KnownWorkloads;
import dev.culvert.ztunnel.route.LocalPods;
import dev.culvert.ztunnel.route.Router;
import dev.culvert.ztunnel.route.Routes;
import dev.culvert.ztunnel.transport.PodSockets;
import dev.culvert.ztunnel.xds.Workload;
import dev.culvert.ztunnel.zds.Pod;
import dev.culvert.ztunnel.zds.PodListener;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ThreadLocalRandom;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** All pods of this node that are in the mesh. */
public final class PodProxies implements PodListener, LocalPods {
  private static final Logger LOG = LoggerFactory.getLogger(PodProxies.class);
  private static final String LEFT = "the pod left the mesh";

  private final String node;
  private final DataPath path;
  private final Map<String, PodProxy> byUid = new ConcurrentHashMap<>();

  /** Those that are up, by namespace and name: routing asks for them on every connection. */
  private final Map<String, PodProxy> byName = new ConcurrentHashMap<>();

  /** Those that were let go and have something open. */
  private final Set<PodProxy> draining = ConcurrentHashMap.newKeySet();

  /** The identities of those that did not come up and have not left, by uid. */
  private final Map<String, SpiffeId> notUp = new ConcurrentHashMap<>();

  private final Offers offers = new Offers(System::nanoTime);
  private boolean ending;

  public PodProxies(ProxyInputs inputs) {
    this.node = inputs.node();
    this.path =
        new DataPath(
            inputs.transport(),
            inputs.network(),
            inputs.workers(),
            inputs.mesh(),
            inputs.certificates(),
            inputs.tunnels(),
            inputs.limits(),
            new TunnelPools(inputs.workers(), inputs.certificates(), inputs.tunnels()),
            new Routes(
                new Router(inputs.mesh(), this, () -> ThreadLocalRandom.current().nextLong()),
                inputs.demand(),
                inputs.patience()),
            new KnownWorkloads(inputs.mesh(), inputs.patience()),
            new Deliveries(
                inputs.authorizer(), inputs.openConnections(), inputs.tunnels().connectTimeout()),
            inputs.direct(),
            inputs.telemetry(),
            inputs.dns(),
            inputs.originalDestination(),
            new AcceptQueues(),
            inputs.drain());
  }

  @Override
  public Optional<PodSockets> sockets(Workload workload) {
    return up(workload).map(PodProxy::sockets);
  }

  private Optional<PodProxy> up(Workload workload) {
    PodProxy pod = byName.get(key(workload.namespace(), workload.name()));
    return pod != null && node.equals(workload.node()) ? Optional.of(pod) : Optional.empty();
  }

  /** Chooses the ways of the pods' connections, by what is known. */
  public Router router() {
    return path.routes().router();
  }

  /** A workload's pod, if it is one of this node and up. */
  public Optional<Pod> pod(Workload workload) {
    return up(workload).map(PodProxy::pod);
  }

  /** The pods that are up or coming up. */
  public List<Pod> pods() {
    return byUid.values().stream().map(PodProxy::pod).toList();
  }

  @Override
  public synchronized CompletableFuture<Void> add(Pod pod) {
    PodProxy known = byUid.get(pod.uid());
    try {
      if (ending) {
        return offered(pod, known);
      }
      if (known != null && known.isSame(pod)) {
        pod.netns().close();
        return known.started().copy();
      }
      refuseNamespaceOfAnother(pod);
    } catch (IOException e) {
      pod.netns().close();
      return CompletableFuture.failedFuture(e);
    }
    if (known != null) {
      left(known);
    }
    return start(new PodProxy(path, pod));
  }

  /** With this answer the agent lets a pod start: somebody must serve it by then. */
  private CompletableFuture<Void> offered(Pod pod, @Nullable PodProxy known) throws IOException {
    if (known != null && known.isSame(pod)) {
      pod.netns().close();
      return CompletableFuture.completedFuture(null);
    }
    boolean served = Offers.isServed(pod.netns(), listening());
    offers.add(pod);
    return served
        ? CompletableFuture.completedFuture(null)
        : CompletableFuture.failedFuture(
            new IOException("this proxy ends, and no other serves the pod yet"));
  }

  /**
   * What happens in a namespace is one pod's. Istio's ztunnel serves both, and the kernel then
   * deals connections out to two identities; until the agent withdraws one, it is the first's.
   */
  private void refuseNamespaceOfAnother(Pod pod) throws IOException {
    for (PodProxy other : byUid.values()) {
      if (other.isBeside(pod)) {
        throw new IOException(
            "pod %s is in the network namespace of pod %s; it is served once that one has left"
                .formatted(describe(pod), describe(other.pod())));
      }
    }
  }

  private static String describe(Pod pod) {
    return "%s/%s (%s)".formatted(pod.namespace(), pod.name(), pod.uid());
  }

  private CompletableFuture<Void> start(PodProxy proxy) {
    Pod pod = proxy.pod();
    byUid.put(pod.uid(), proxy);
    path.certificates().prefetch(pod.identity());
    return proxy
        .start()
        .whenComplete(
            (up, error) -> {
              if (error == null) {
                notUp.remove(pod.uid());
                byUid.computeIfPresent(pod.uid(), (uid, current) -> up(proxy, current));
              } else if (byUid.remove(pod.uid(), proxy)) {
                notUp.put(pod.uid(), pod.identity());
              }
            });
  }

  /** It may have left, or been replaced, while it came up. */
  private PodProxy up(PodProxy proxy, PodProxy current) {
    if (proxy == current) {
      Pod pod = proxy.pod();
      byName.put(key(pod.namespace(), pod.name()), proxy);
      path.direct().joined(pod);
    }
    return current;
  }

  @Override
  public synchronized CompletableFuture<Void> remove(String uid) {
    offers.forget(uid);
    left(uid::equals);
    return CompletableFuture.completedFuture(null);
  }

  @Override
  public synchronized void retainOnly(Set<String> uids) {
    offers.retainOnly(uids);
    left(uid -> !uids.contains(uid));
  }

  /** Also of those that were let go because this proxy ends: what they have open ends sooner. */
  private void left(Predicate<String> which) {
    List.copyOf(draining).stream()
        .filter(proxy -> which.test(proxy.pod().uid()))
        .forEach(proxy -> proxy.cutOff(path.drain().left(), LEFT));
    List.copyOf(byUid.values()).stream()
        .filter(proxy -> which.test(proxy.pod().uid()))
        .forEach(this::left);
    List.copyOf(notUp.keySet()).stream()
        .filter(which)
        .map(notUp::remove)
        .filter(Objects::nonNull)
        .forEach(this::forgetIfUnused);
  }

  private void left(PodProxy proxy) {
    letGo(proxy, path.drain().left(), LEFT);
  }

  /**
   * Lets all pods go, since this proxy ends, and hears of their own ends only.
   *
   * @param patience after which what they have open is reset
   */
  public synchronized void end(Duration patience) {
    ending = true;
    String why = "the proxy ends, and the drain deadline has passed";
    List.copyOf(byUid.values()).forEach(proxy -> letGo(proxy, patience, why));
  }

  /**
   * While this proxy ends: serves again the pods that the proxy after it had and that nobody serves
   * any more, and lets them go when somebody does. Waits for the kernel, but not for long.
   *
   * @param patience how long what they have open may go on then
   */
  public synchronized void standIn(Duration patience) {
    Set<Long> own = listening();
    for (PodProxy proxy : List.copyOf(byUid.values())) {
      if (Offers.isServed(proxy.pod().netns(), own)) {
        letGo(proxy, patience, "the proxy ends, and the drain deadline has passed");
      }
    }
    for (Pod pod : offers.unserved(own)) {
      LOG.info("pod {}/{} is served again: no other proxy does", pod.namespace(), pod.name());
      var _ = start(new PodProxy(path, pod)).exceptionally(PodProxies::notServed);
    }
  }

  /** The listeners of this proxy. */
  private Set<Long> listening() {
    return Stream.concat(byUid.values().stream(), draining.stream())
        .flatMap(proxy -> proxy.listening().stream())
        .collect(Collectors.toSet());
  }

  private static Void notServed(Throwable cause) {
    LOG.warn("{}", cause.getMessage());
    return null;
  }

  /** Whether nothing of any pod is left. */
  public boolean isGone() {
    return byUid.isEmpty() && draining.isEmpty();
  }

  /** How many connections and tunnels are open of pods that were let go, by pod. */
  public Map<String, Integer> draining() {
    Map<String, Integer> open = new TreeMap<>();
    for (PodProxy proxy : draining) {
      open.merge(key(proxy.pod().namespace(), proxy.pod().name()), proxy.open(), Integer::sum);
    }
    return open;
  }

  private void letGo(PodProxy proxy, Duration patience, String why) {
    Pod pod = proxy.pod();
    byUid.remove(pod.uid(), proxy);
    byName.remove(key(pod.namespace(), pod.name()), proxy);
    path.direct().leaving(pod, patience);
    draining.add(proxy);
    var _ = proxy.drain(patience, why).whenComplete((gone, error) -> gone(proxy));
  }

  private void gone(PodProxy proxy) {
    draining.remove(proxy);
    forgetIfUnused(proxy.pod().identity());
  }

  private void forgetIfUnused(SpiffeId identity) {
    boolean used =
        Stream.concat(byUid.values().stream(), draining.stream())
            .anyMatch(other -> other.pod().identity().equals(identity));
    if (!used) {
      path.certificates().forget(identity);
    }
  }

  private static String key(String namespace, String name) {
    return namespace + "/" + name;
  }
}
