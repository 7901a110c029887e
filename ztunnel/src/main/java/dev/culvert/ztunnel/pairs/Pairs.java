// SPDX-License-Identifier: Apache-2.0
package dev.culvert.ztunnel.pairs;

import dev.culvert.linux.socket.NetworkNamespace;
import dev.culvert.ztunnel.authz.Authorizer;
import dev.culvert.ztunnel.route.Route;
import dev.culvert.ztunnel.route.Router;
import dev.culvert.ztunnel.xds.MeshState;
import dev.culvert.ztunnel.xds.Workload;
import dev.culvert.ztunnel.zds.Pod;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executors;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.BooleanSupplier;
import java.util.function.Function;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The thread {@code pairs}: whatever comes in from elsewhere is done there, in turn. Its beat keeps
 * the agent's lease: when it is stuck, everything is proxied again.
 */
public final class Pairs implements DirectPath, PairLink.Listener, AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(Pairs.class);
  private static final long BEAT_MILLIS = 500;
  private static final long REPORTS_MILLIS = 50;

  /** A proxied connection of a granted pair means that the grant did not take effect. */
  private static final long AGAIN_NANOS = TimeUnit.SECONDS.toNanos(1);

  private static final int MANY = 65_536;

  private final ScheduledExecutorService thread =
      Executors.newSingleThreadScheduledExecutor(
          Thread.ofPlatform().daemon().name("pairs").factory());
  private final Map<Watched.Key, Long> lately = new ConcurrentHashMap<>();
  private final AtomicBoolean due = new AtomicBoolean();
  private final MeshState mesh;
  private final Authorizer authorizer;
  private final FlowReports reports;
  private final PairTable table = new PairTable(this::sweepLater);
  private final PairLink link;

  /**
   * @param socket where the agent takes grants
   * @param started when this process did, in ns of CLOCK_MONOTONIC
   * @param prepared whether it can decide; until then the ztunnel before it does
   */
  public Pairs(
      Path socket,
      long started,
      BooleanSupplier prepared,
      MeshState mesh,
      Authorizer authorizer,
      FlowReports reports) {
    this.mesh = mesh;
    this.authorizer = authorizer;
    this.reports = reports;
    this.link = new PairLink(socket, started, prepared, this);
  }

  /**
   * Begins.
   *
   * @param pods those of this node that are up
   */
  public void start(Router router, Function<Workload, Optional<Pod>> pods) {
    table.decideBy(new PairPolicy(mesh, authorizer, router, pods), link);
    mesh.onChange(this::wake);
    every(BEAT_MILLIS, table::beat);
    every(REPORTS_MILLIS, () -> table.readReports(reports));
    link.start();
  }

  /** How many pairs are granted now. */
  public int granted() {
    return table.granted();
  }

  private void wake() {
    if (due.compareAndSet(false, true)) {
      onThread(
          () -> {
            due.set(false);
            table.meshChanged();
          });
    }
  }

  @Override
  public void allowed(Pod source, InetSocketAddress asked, Route.SameNode route) {
    if (!link.isUp() || route.service().isPresent()) {
      return;
    }
    Watched.Key key = new Watched.Key(source.uid(), asked);
    long now = System.nanoTime();
    Long last = lately.get(key);
    if (last != null && now - last < AGAIN_NANOS) {
      return;
    }
    if (lately.size() > MANY) {
      lately.clear();
    }
    lately.put(key, now);
    onThread(() -> table.consider(source, asked));
  }

  @Override
  public void joined(Pod pod) {
    try {
      NetworkNamespace netns = pod.netns().duplicate();
      onThread(() -> join(pod, netns));
    } catch (IOException | IllegalStateException e) {
      LOG.warn("pod {}/{}: always proxied: {}", pod.namespace(), pod.name(), e.getMessage());
    }
  }

  private void join(Pod pod, NetworkNamespace netns) {
    try {
      LocalPod local = LocalPod.open(pod, netns);
      table.join(local);
      reports.known(local.cookie(), pod);
    } catch (IOException e) {
      LOG.warn("pod {}/{}: always proxied: {}", pod.namespace(), pod.name(), e.getMessage());
    }
  }

  @Override
  public void leaving(Pod pod, Duration connections) {
    onThread(() -> table.leave(pod));
    later(connections, () -> table.gone(pod));
  }

  @Override
  public void linked(KernelMaps maps, List<PairLink.Earlier> earlier) {
    onThread(() -> table.linked(maps, earlier));
  }

  @Override
  public void unlinked() {
    onThread(table::unlinked);
  }

  @Override
  public void superseded() {
    onThread(table::superseded);
  }

  private void sweepLater(Runnable sweep) {
    later(Duration.ofMillis(20), sweep);
    later(Duration.ofMillis(200), sweep);
    later(Duration.ofSeconds(2), sweep);
  }

  private void onThread(Runnable task) {
    later(Duration.ZERO, task);
  }

  private void later(Duration delay, Runnable task) {
    try {
      var _ = thread.schedule(guarded(task), delay.toNanos(), TimeUnit.NANOSECONDS);
    } catch (RejectedExecutionException closed) {
      LOG.debug("pairs have ended");
    }
  }

  private void every(long millis, Runnable task) {
    var _ = thread.scheduleWithFixedDelay(guarded(task), millis, millis, TimeUnit.MILLISECONDS);
  }

  /** One failure must not keep what comes after from being done. */
  private static Runnable guarded(Runnable task) {
    return () -> {
      try {
        task.run();
      } catch (RuntimeException e) {
        LOG.error("pairs: a task failed", e);
      }
    };
  }

  /** Voids all; what is open is the next ztunnel's to judge. */
  @Override
  public void close() {
    link.close();
    onThread(table::close);
    thread.shutdown();
    try {
      if (!thread.awaitTermination(5, TimeUnit.SECONDS)) {
        thread.shutdownNow();
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
