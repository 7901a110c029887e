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
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ThreadLocalRandom;

/** All pods of this node that are in the mesh. */
public final class PodProxies implements PodListener, LocalPods {
  private final String node;
  private final DataPath path;
  private final Map<String, PodProxy> byUid = new ConcurrentHashMap<>();

  /** Those that are up, by namespace and name: routing asks for them on every connection. */
  private final Map<String, PodProxy> byName = new ConcurrentHashMap<>();

  private final Map<PodProxy, CompletableFuture<Void>> draining = new ConcurrentHashMap<>();

  public PodProxies(ProxyInputs inputs) {
    this.node = inputs.node();
    this.path =
        new DataPath(
            inputs.transport(),
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
      if (known != null && known.isSame(pod)) {
        pod.netns().close();
        return CompletableFuture.completedFuture(null);
      }
    } catch (IOException e) {
      return CompletableFuture.failedFuture(e);
    }
    if (known != null) {
      letGo(known);
    }
    return start(new PodProxy(path, pod));
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
                byName.put(key(pod.namespace(), pod.name()), proxy);
                path.direct().joined(pod);
              } else {
                byUid.remove(pod.uid(), proxy);
              }
            });
  }

  @Override
  public synchronized CompletableFuture<Void> remove(String uid) {
    PodProxy known = byUid.get(uid);
    if (known != null) {
      letGo(known);
    }
    return CompletableFuture.completedFuture(null);
  }

  @Override
  public synchronized void retainOnly(Set<String> uids) {
    List.copyOf(byUid.values()).stream()
        .filter(proxy -> !uids.contains(proxy.pod().uid()))
        .forEach(this::letGo);
  }

  /** Lets all pods go, as if each was removed; done when nothing is left. */
  public synchronized CompletableFuture<Void> drain() {
    List.copyOf(byUid.values()).forEach(this::letGo);
    return CompletableFuture.allOf(draining.values().toArray(CompletableFuture<?>[]::new));
  }

  private void letGo(PodProxy proxy) {
    Pod pod = proxy.pod();
    byUid.remove(pod.uid(), proxy);
    byName.remove(key(pod.namespace(), pod.name()), proxy);
    path.direct().leaving(pod, path.drain().listeners().plus(path.drain().connections()));
    CompletableFuture<Void> drained = proxy.drain();
    draining.put(proxy, drained);
    var _ =
        drained.whenComplete(
            (gone, error) -> {
              draining.remove(proxy);
              forgetUnused(pod.identity());
            });
  }

  private void forgetUnused(SpiffeId identity) {
    if (byUid.values().stream().noneMatch(other -> other.pod().identity().equals(identity))) {
      path.certificates().forget(identity);
    }
  }

  private static String key(String namespace, String name) {
    return namespace + "/" + name;
  }
}
