// SPDX-License-Identifier: Apache-2.0
package dev.culvert.tests.kills;

import dev.culvert.tests.app.AppConnection;
import dev.culvert.tests.kills.Route.UnprotectedException;
import dev.culvert.tests.mesh.MeshPod;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;

/** Connections that come and go, connections that stay, and some that must never get through. */
public final class Traffic implements AutoCloseable {
  private static final long PAUSE_NANOS = 20_000_000;

  /** A connection that stands still for so long is lost. */
  private static final long PATIENCE_SECONDS = 60;

  private final Outages outages;
  private final List<Thread> threads = new ArrayList<>();
  private final Map<String, AtomicLong> done = new ConcurrentHashMap<>();
  private final Map<String, AtomicLong> explained = new ConcurrentHashMap<>();
  private final Queue<String> faults = new ConcurrentLinkedQueue<>();
  private final ScheduledExecutorService watchdog =
      Executors.newSingleThreadScheduledExecutor(
          Thread.ofPlatform().daemon().name("stands still").factory());
  private volatile boolean stopped;

  Traffic(Outages outages) {
    this.outages = outages;
  }

  private interface Body {
    void run() throws IOException;
  }

  /** Short connections, one after the other, and one that stays for as long as it can. */
  void along(Route route) {
    begin(route.name() + ", short", () -> once(route));
    begin(route.name() + ", long", () -> whileItLasts(route));
  }

  /** Somebody outside of the mesh, who must not get an answer whatever dies. */
  void never(String name, MeshPod from, InetSocketAddress to) {
    begin(name, () -> attempt(name, from, to));
  }

  private void begin(String name, Body body) {
    done.put(name, new AtomicLong());
    threads.add(
        Thread.ofPlatform()
            .name(name)
            .start(
                () -> {
                  while (!stopped) {
                    run(name, body);
                    LockSupport.parkNanos(PAUSE_NANOS);
                  }
                }));
  }

  private void run(String name, Body body) {
    try {
      body.run();
    } catch (IOException | RuntimeException e) {
      faults.add(name + ": " + e);
    }
  }

  private void once(Route route) throws IOException {
    long from = System.nanoTime();
    try (AppConnection connection = route.connect()) {
      ScheduledFuture<?> guard = guard(connection);
      exchange(route, connection, "once");
      guard.cancel(false);
      count(done, route + ", short");
    } catch (UnprotectedException e) {
      throw e;
    } catch (IOException e) {
      lost(route, from, e);
    }
  }

  private void whileItLasts(Route route) throws IOException {
    long heard = System.nanoTime();
    try (AppConnection connection = route.connect()) {
      for (int i = 0; !stopped; i++) {
        ScheduledFuture<?> guard = guard(connection);
        exchange(route, connection, "line %08d".formatted(i));
        guard.cancel(false);
        heard = System.nanoTime();
        count(done, route + ", long");
        LockSupport.parkNanos(PAUSE_NANOS);
      }
    } catch (UnprotectedException e) {
      throw e;
    } catch (IOException e) {
      lost(route, heard, e);
    }
  }

  private static void exchange(Route route, AppConnection connection, String line)
      throws IOException {
    String back = connection.echo(line);
    if (!back.equals(line)) {
      throw new IllegalStateException("%s: sent %s, got %s".formatted(route, line, back));
    }
  }

  private ScheduledFuture<?> guard(AppConnection connection) {
    return watchdog.schedule(
        () -> {
          connection.close();
          return null;
        },
        PATIENCE_SECONDS,
        TimeUnit.SECONDS);
  }

  private void lost(Route route, long from, IOException why) {
    long until = System.nanoTime();
    if (outages.explain(route.nodes(), from, until)) {
      count(explained, route.name());
    } else {
      faults.add(
          "%s: lost without need after %d ms: %s"
              .formatted(route, (until - from) / 1_000_000, why));
    }
  }

  private void attempt(String name, MeshPod from, InetSocketAddress to) {
    try (AppConnection connection = from.connect(to)) {
      ScheduledFuture<?> guard = guard(connection);
      String back = connection.echo("let me in");
      guard.cancel(false);
      faults.add("%s: got through, and the answer '%s'".formatted(name, back));
    } catch (IOException _) {
      count(done, name);
    }
  }

  private static void count(Map<String, AtomicLong> counts, String name) {
    counts.computeIfAbsent(name, _ -> new AtomicLong()).incrementAndGet();
  }

  /** What must not have been. */
  public List<String> faults() {
    return List.copyOf(faults);
  }

  /** How often each did what it does. */
  public Map<String, AtomicLong> done() {
    return done;
  }

  /** How many of each route were lost because a ztunnel on their way was dead. */
  public Map<String, AtomicLong> explained() {
    return explained;
  }

  /** Stops all and waits for them. */
  public void stop() throws InterruptedException {
    stopped = true;
    for (Thread thread : threads) {
      thread.join();
    }
  }

  @Override
  public void close() {
    stopped = true;
    watchdog.shutdownNow();
  }
}
