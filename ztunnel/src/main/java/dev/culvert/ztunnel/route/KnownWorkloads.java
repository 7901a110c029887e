// SPDX-License-Identifier: Apache-2.0
package dev.culvert.ztunnel.route;

import dev.culvert.ztunnel.xds.MeshState;
import dev.culvert.ztunnel.xds.Workload;
import dev.culvert.ztunnel.zds.Pod;
import io.netty.channel.EventLoop;
import io.netty.util.concurrent.Future;
import java.net.InetAddress;
import java.time.Duration;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;

/**
 * The workload of a pod, waited for a while when the control plane has not told of it yet, or still
 * gives its address to another pod of this node: the address was reused a moment ago, or the agent
 * paired the wrong namespace with the pod, whose identity must not be lent to another's apps.
 */
public final class KnownWorkloads {
  private final MeshState mesh;
  private final Duration patience;
  private final Set<Waiting> waiting = ConcurrentHashMap.newKeySet();

  public KnownWorkloads(MeshState mesh, Duration patience) {
    this.mesh = mesh;
    this.patience = patience;
    mesh.onChange(() -> waiting.forEach(Waiting::look));
  }

  /**
   * Finds the workload now or when it becomes known.
   *
   * @param address of the connection's end in the pod's namespace
   * @param found called once, on the loop, at once if it is known; empty when patience ended
   */
  public void find(
      Pod pod, InetAddress address, EventLoop loop, Consumer<Optional<Workload>> found) {
    Optional<Workload> known = now(pod, address);
    if (known.isPresent()) {
      found.accept(known);
    } else {
      new Waiting(pod, address, loop, found).begin();
    }
  }

  /** Why {@link #find} found nothing. */
  public String whyUnknown(Pod pod, InetAddress address) {
    return mesh.workload(pod.namespace(), pod.name())
        .flatMap(own -> otherPod(own, address))
        .map(
            other ->
                "the control plane says that %s is the address of pod %s/%s: this namespace is not %s/%s's"
                    .formatted(
                        address.getHostAddress(),
                        other.namespace(),
                        other.name(),
                        pod.namespace(),
                        pod.name()))
        .orElse("the control plane does not know this pod");
  }

  private Optional<Workload> now(Pod pod, InetAddress address) {
    return mesh.workload(pod.namespace(), pod.name())
        .filter(own -> otherPod(own, address).isEmpty());
  }

  /** Of the same node: a WorkloadEntry may well describe a pod a second time. */
  private Optional<Workload> otherPod(Workload own, InetAddress address) {
    return mesh.workload(address)
        .filter(other -> !other.uid().equals(own.uid()))
        .filter(other -> !other.node().isEmpty() && other.node().equals(own.node()));
  }

  private final class Waiting {
    private final Pod pod;
    private final InetAddress address;
    private final EventLoop loop;
    private final Consumer<Optional<Workload>> found;
    private Future<?> timeout;

    Waiting(Pod pod, InetAddress address, EventLoop loop, Consumer<Optional<Workload>> found) {
      this.pod = pod;
      this.address = address;
      this.loop = loop;
      this.found = found;
    }

    void begin() {
      timeout = loop.schedule(this::giveUp, patience.toNanos(), TimeUnit.NANOSECONDS);
      waiting.add(this);
      // It may have come between the first look and the entry in the set.
      look();
    }

    void look() {
      if (now(pod, address).isPresent()) {
        loop.execute(() -> finish(now(pod, address)));
      }
    }

    private void giveUp() {
      finish(Optional.empty());
    }

    private void finish(Optional<Workload> workload) {
      if (waiting.remove(this)) {
        timeout.cancel(false);
        found.accept(workload);
      }
    }
  }
}
