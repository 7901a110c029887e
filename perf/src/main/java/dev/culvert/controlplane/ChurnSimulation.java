// SPDX-License-Identifier: Apache-2.0
package dev.culvert.controlplane;

import dev.culvert.controlplane.access.Caller;
import dev.culvert.controlplane.access.CallerAuthentication;
import dev.culvert.controlplane.ca.CertificateAuthority;
import dev.culvert.controlplane.ca.RootStore;
import dev.culvert.controlplane.ca.ServingCertificate;
import dev.culvert.controlplane.discovery.DiscoveryService;
import dev.culvert.controlplane.model.MeshNames;
import dev.culvert.controlplane.source.ResourceChanges;
import dev.culvert.controlplane.state.StateFolder;
import dev.culvert.policy.resource.Resource;
import dev.culvert.policy.resource.ResourceKey;
import dev.culvert.policy.spiffe.TrustDomain;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Stream;

/**
 * A cluster that churns, a control plane and its proxies in one process: the model, the streams and
 * TLS over loopback are the real ones; changes come without an API server, and proxies count what
 * they are sent instead of keeping it. Arguments: nodes, pods, proxies, changes a second, seconds.
 */
public final class ChurnSimulation {
  private static final MeshNames NAMES =
      new MeshNames(
          new TrustDomain("cluster.local"),
          "Kubernetes",
          "",
          "cluster.local",
          List.of("culvert-system"));

  private static final int SINGLE_CHANGES = 50;

  /** Prime to the number of pods: no pod is replaced twice before all have been. */
  private static final long STRIDE = 7_919;

  private final SyntheticCluster cluster;
  private final ChurnReport report = new ChurnReport();
  private final AtomicLong told = new AtomicLong();
  private final AtomicLong bytes = new AtomicLong();
  private final AtomicLong broken = new AtomicLong();
  private final List<SyntheticProxy> proxies = new ArrayList<>();
  private LiveMesh mesh;

  private ChurnSimulation(SyntheticCluster cluster) {
    this.cluster = cluster;
  }

  /** Runs and prints the report. */
  public static void main(String[] arguments) throws Exception {
    int nodes = argument(arguments, 0, 5_000);
    int pods = argument(arguments, 1, 100_000);
    int count = argument(arguments, 2, 1_000);
    int rate = argument(arguments, 3, 100);
    int seconds = argument(arguments, 4, 60);
    ChurnSimulation simulation = new ChurnSimulation(new SyntheticCluster(nodes, pods));
    simulation.run(nodes, count, rate, seconds);
    System.out.print(simulation.report);
  }

  private static int argument(String[] arguments, int index, int standard) {
    return index < arguments.length ? Integer.parseInt(arguments[index]) : standard;
  }

  private void run(int nodes, int count, int rate, int seconds) throws Exception {
    report.line("nodes", nodes);
    report.line("pods", cluster.pods());
    report.line("services", cluster.services());
    report.line("heap, most (MiB)", Runtime.getRuntime().maxMemory() >> 20);
    Path folder = Files.createTempDirectory("churn");
    try (StateFolder state = StateFolder.open(folder);
        ExecutorService executor = Executors.newVirtualThreadPerTaskExecutor()) {
      mesh = new LiveMesh(NAMES, _ -> {}, state, _ -> {});
      first();
      serve(state, executor, folder, count, rate, seconds);
    } finally {
      delete(folder);
    }
  }

  private void first() {
    long start = System.nanoTime();
    put(cluster.everything(), List.of());
    report.line("first translation of everything (ms)", since(start));
    report.heap("heap with the model (MiB)");
  }

  private void serve(
      StateFolder state, ExecutorService executor, Path folder, int count, int rate, int seconds)
      throws Exception {
    CertificateAuthority authority =
        RootStore.open(state, NAMES.trustDomain(), InstantSource.system());
    MeterRegistry registry = new SimpleMeterRegistry();
    DiscoveryService discovery = new DiscoveryService(mesh.snapshots(), executor, registry);
    MeshListener listener =
        MeshListener.start(
            new InetSocketAddress(InetAddress.getLoopbackAddress(), 0),
            new ServingCertificate(
                authority, List.of("127.0.0.1"), Duration.ofHours(24), InstantSource.system()),
            new CallerAuthentication(_ -> new Caller.Node("node-1"), registry),
            executor,
            List.of(discovery));
    Channels channels = new Channels(listener.port(), folder.resolve(RootStore.CERTIFICATE));
    try {
      connect(channels, count);
      single(count);
      churn(count, rate, seconds);
    } finally {
      proxies.forEach(SyntheticProxy::close);
      listener.refuse();
      discovery.close();
      channels.close();
      listener.close(Duration.ofSeconds(5));
    }
  }

  private void connect(Channels channels, int count) throws Exception {
    long start = System.nanoTime();
    for (int i = 0; i < count; i++) {
      proxies.add(SyntheticProxy.open(channels.open(), told, bytes, broken));
    }
    while (!proxies.stream().allMatch(SyntheticProxy::isAnswered)) {
      Thread.sleep(10);
    }
    report.line("proxies", count);
    report.line("all proxies know everything after (ms)", since(start));
    report.line("connections that broke before that, and were made again", broken.get());
    report.line("a first answer (MiB)", (bytes.get() >> 20) / count);
    report.heap("heap with all connected (MiB)");
  }

  /** One pod changes: one resource is sent, and the last proxy has it soon. */
  private void single(int count) {
    Latencies translated = new Latencies();
    Latencies last = new Latencies();
    long before = told.get();
    for (int i = 0; i < SINGLE_CHANGES; i++) {
      int pod = i * (cluster.pods() / SINGLE_CHANGES);
      for (boolean ready : new boolean[] {false, true}) {
        long expected = told.get() + count;
        long start = System.nanoTime();
        put(List.of(cluster.pod(pod, ready)), List.of());
        translated.add(System.nanoTime() - start);
        awaitTold(expected);
        last.add(System.nanoTime() - start);
      }
    }
    report.line("single changes", 2 * SINGLE_CHANGES);
    report.line("resources told to each proxy meanwhile", (told.get() - before) / count);
    report.latencies("one change: translated and published", translated);
    report.latencies("one change: the last proxy has it", last);
  }

  /** Pods are replaced at a rate; what comes within 20 ms goes as one, as the source does it. */
  private void churn(int count, int rate, int seconds) throws InterruptedException {
    Latencies translated = new Latencies();
    ChurnLag lag = new ChurnLag(told);
    long cpu = report.processorNanos();
    long start = System.nanoTime();
    long expected = told.get();
    int replaced = 0;
    for (long tick = 1; tick <= seconds * 50L; tick++) {
      List<Resource> put = new ArrayList<>();
      List<ResourceKey> removed = new ArrayList<>();
      for (long due = rate * tick / 50; replaced < due; replaced++) {
        replace((int) (replaced * STRIDE % cluster.pods()), put, removed);
      }
      long began = System.nanoTime();
      put(put, removed);
      translated.add(System.nanoTime() - began);
      expected += 2L * count * removed.size();
      lag.expect(expected, began);
      long left = start + tick * 20_000_000L - System.nanoTime();
      if (left > 0) {
        LockSupport.parkNanos(left);
      }
    }
    lag.awaitAll();
    long wall = System.nanoTime() - start;
    report.line("churn: pods replaced", replaced);
    report.line("churn: pods replaced a second", replaced * 1_000_000_000L / wall);
    report.line(
        "churn: processor time, proxies included (% of a core)",
        (report.processorNanos() - cpu) * 100 / wall);
    report.latencies("churn: a batch translated and published", translated);
    report.latencies("churn: the last proxy has a batch", lag.latencies());
    report.heap("heap after the churn (MiB)");
  }

  private void replace(int pod, List<Resource> put, List<ResourceKey> removed) {
    SyntheticCluster.Replacement replacement = cluster.replace(pod);
    put.add(replacement.next());
    put.add(replacement.slice());
    removed.add(replacement.old().key());
  }

  private void put(List<Resource> put, List<ResourceKey> removed) {
    mesh.update(new ResourceChanges(put, removed, List.of(), List.of()));
  }

  private void awaitTold(long expected) {
    while (told.get() < expected) {
      proxies.forEach(SyntheticProxy::refuseBroken);
      LockSupport.parkNanos(200_000);
    }
    if (told.get() > expected) {
      throw new IllegalStateException("more was told than changed");
    }
  }

  private static long since(long start) {
    return (System.nanoTime() - start) / 1_000_000;
  }

  private static void delete(Path folder) throws IOException {
    try (Stream<Path> files = Files.walk(folder)) {
      for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
        Files.delete(file);
      }
    }
  }
}
