// SPDX-License-Identifier: Apache-2.0
package dev.culvert.ztunnel.capture;

import dev.culvert.linux.socket.NetworkNamespace;
import dev.culvert.linux.socket.SocketOptions;
import dev.culvert.linux.socket.TcpConnection;
import dev.culvert.linux.socket.TcpDiagnosis;
import dev.culvert.linux.socket.TcpListener;
import dev.culvert.ztunnel.route.ProxyPorts;
import java.io.IOException;
import java.time.Duration;
import java.util.HashSet;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What the kernel still holds for listeners that get nothing new: a listener that closes resets the
 * connections in its queue, and those in the middle of their handshake. Thread {@code queues},
 * which ends when there is nothing to watch.
 */
final class AcceptQueues {
  private static final Logger LOG = LoggerFactory.getLogger(AcceptQueues.class);
  private static final long LOOK_MILLIS = 10;

  private final ScheduledThreadPoolExecutor thread =
      new ScheduledThreadPoolExecutor(1, Thread.ofPlatform().daemon().name("queues").factory());

  AcceptQueues() {
    thread.setKeepAliveTime(1, TimeUnit.SECONDS);
    thread.allowCoreThreadTimeOut(true);
  }

  /**
   * Waits until nothing is left to accept.
   *
   * @param listeners by their cookies
   * @param atMost for a handshake may never end
   * @return done when the listeners can close without a loss, or the time is over
   */
  CompletableFuture<Void> emptied(NetworkNamespace netns, Set<Long> listeners, Duration atMost) {
    Watch watch = new Watch(netns, listeners, System.nanoTime() + atMost.toNanos());
    thread.execute(watch::begin);
    return watch.emptied;
  }

  /**
   * The proxies that listen for a namespace's connections, by the cookies of their listeners for
   * those that it opens; none when they cannot be seen.
   */
  CompletableFuture<Set<Long>> proxies(NetworkNamespace netns) {
    return CompletableFuture.supplyAsync(() -> proxiesIn(netns), thread);
  }

  private static Set<Long> proxiesIn(NetworkNamespace netns) {
    try (TcpDiagnosis kernel = TcpDiagnosis.in(netns)) {
      return kernel.listeners().stream()
          .filter(each -> each.port() == ProxyPorts.OUTBOUND)
          .filter(each -> each.mark() == SocketOptions.MARK)
          .map(TcpListener::cookie)
          .collect(Collectors.toUnmodifiableSet());
    } catch (IOException | RuntimeException e) {
      LOG.warn("the proxies that serve a pod cannot be seen: {}", e.getMessage());
      return Set.of();
    }
  }

  private final class Watch {
    private final NetworkNamespace netns;
    private final Set<Long> listeners;
    private final long end;
    private final CompletableFuture<Void> emptied = new CompletableFuture<>();
    private TcpDiagnosis kernel;

    /** Of the begin: what came later goes to the next proxy. */
    private Set<TcpConnection> handshakes;

    Watch(NetworkNamespace netns, Set<Long> listeners, long end) {
      this.netns = netns;
      this.listeners = Set.copyOf(listeners);
      this.end = end;
    }

    void begin() {
      try {
        kernel = TcpDiagnosis.in(netns);
        handshakes = new HashSet<>(kernel.handshakes());
        look();
      } catch (IOException | RuntimeException e) {
        blind(e);
      }
    }

    /** First the handshakes: one that ends between the two looks is found in a queue. */
    private void look() {
      try {
        handshakes.retainAll(kernel.handshakes());
        boolean over = System.nanoTime() - end >= 0;
        if (over || (handshakes.isEmpty() && nothingIsQueued())) {
          done();
        } else {
          var _ = thread.schedule(this::look, LOOK_MILLIS, TimeUnit.MILLISECONDS);
        }
      } catch (IOException | RuntimeException e) {
        blind(e);
      }
    }

    private boolean nothingIsQueued() throws IOException {
      return kernel.listeners().stream()
          .noneMatch(each -> listeners.contains(each.cookie()) && each.queued() > 0);
    }

    /** All the time there is, then: what is queued is accepted meanwhile. */
    private void blind(Exception e) {
      LOG.warn("accept queues cannot be looked at, so their time is waited for: {}", e.toString());
      long left = Math.max(0, end - System.nanoTime());
      var _ = thread.schedule(this::done, left, TimeUnit.NANOSECONDS);
    }

    private void done() {
      if (kernel != null) {
        kernel.close();
      }
      emptied.complete(null);
    }
  }
}
