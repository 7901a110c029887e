// SPDX-License-Identifier: Apache-2.0
package dev.culvert.ztunnel.route;

import dev.culvert.ztunnel.xds.MeshState;
import dev.culvert.ztunnel.xds.Workload;
import dev.culvert.ztunnel.zds.Pod;
import io.netty.channel.EventLoop;
import io.netty.util.concurrent.Future;
import java.time.Duration;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;

/** The workload of a pod, waited for a while when the control plane has not told of it yet. */
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
   * @param found called once, on the loop, at once if it is known; empty when patience ended
   */
  public void find(Pod pod, EventLoop loop, Consumer<Optional<Workload>> found) {
    Optional<Workload> known = now(pod);
    if (known.isPresent()) {
      found.accept(known);
    } else {
      new Waiting(pod, loop, found).begin();
    }
  }

  private Optional<Workload> now(Pod pod) {
    return mesh.workload(pod.namespace(), pod.name());
  }

  private final class Waiting {
    private final Pod pod;
    private final EventLoop loop;
    private final Consumer<Optional<Workload>> found;
    private Future<?> timeout;

    Waiting(Pod pod, EventLoop loop, Consumer<Optional<Workload>> found) {
      this.pod = pod;
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
      if (now(pod).isPresent()) {
        loop.execute(() -> finish(now(pod)));
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
