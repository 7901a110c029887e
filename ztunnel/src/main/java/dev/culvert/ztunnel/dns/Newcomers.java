// SPDX-License-Identifier: Apache-2.0
package dev.culvert.ztunnel.dns;

import dev.culvert.ztunnel.xds.MeshStore;
import dev.culvert.ztunnel.zds.Pod;
import io.netty.channel.EventLoop;
import io.netty.util.concurrent.Future;
import java.time.Duration;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;

/**
 * Pods that the control plane has not told of yet, whose queries wait for that: Kubernetes has a
 * pod's address only when the pod runs, and by then its app may have asked.
 */
final class Newcomers {
  private final MeshStore mesh;
  private final Duration patience;
  private final Set<Waiting> waiting = ConcurrentHashMap.newKeySet();

  Newcomers(MeshStore mesh, Duration patience) {
    this.mesh = mesh;
    this.patience = patience;
    mesh.onChange(() -> waiting.forEach(Waiting::look));
  }

  boolean isKnown(Pod pod) {
    return mesh.workload(pod.namespace(), pod.name()).isPresent();
  }

  /**
   * Waits for a pod.
   *
   * @param then called once, on the loop: whether it is known by now
   */
  void await(Pod pod, EventLoop loop, Consumer<Boolean> then) {
    new Waiting(pod, loop, then).begin();
  }

  private final class Waiting {
    private final Pod pod;
    private final EventLoop loop;
    private final Consumer<Boolean> then;
    private Future<?> timeout;

    Waiting(Pod pod, EventLoop loop, Consumer<Boolean> then) {
      this.pod = pod;
      this.loop = loop;
      this.then = then;
    }

    void begin() {
      timeout = loop.schedule(this::finish, patience.toNanos(), TimeUnit.NANOSECONDS);
      waiting.add(this);
      // It may have come between the first look and the entry in the set.
      look();
    }

    void look() {
      if (isKnown(pod)) {
        loop.execute(this::finish);
      }
    }

    private void finish() {
      if (waiting.remove(this)) {
        timeout.cancel(false);
        then.accept(isKnown(pod));
      }
    }
  }
}
