// SPDX-License-Identifier: Apache-2.0
package dev.culvert.agent.pairs;

import dev.culvert.agent.redirect.PairMaps;
import dev.culvert.linux.socket.SeqpacketServer;
import dev.culvert.linux.socket.SeqpacketSocket;
import java.io.IOException;
import java.net.SocketTimeoutException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.Executors;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Where ztunnel tells which pairs it allowed. Of several, as during an upgrade, the one that
 * started last decides; the others wait, for it may die. Without any, all grants are void at once,
 * and what they let in is reset if none comes back in time.
 */
public final class PairServer implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(PairServer.class);
  private static final Duration ACCEPT = Duration.ofSeconds(1);

  /** Between two looks at a ztunnel that waits. */
  private static final Duration TURN = Duration.ofMillis(500);

  /** As long as a ztunnel may need to start again. */
  private static final Duration GRACE = Duration.ofSeconds(5);

  private final PairMaps maps;
  private final PairRequests requests;
  private final Duration grace;
  private final SeqpacketServer server;
  private final ScheduledExecutorService timer =
      Executors.newSingleThreadScheduledExecutor(
          Thread.ofPlatform().daemon().name("pairs timer").factory());
  private Optional<PairConnection> current = Optional.empty();
  private long turn;
  private volatile boolean closed;

  private PairServer(PairMaps maps, PairRequests requests, Duration grace, SeqpacketServer server) {
    this.maps = maps;
    this.requests = requests;
    this.grace = grace;
    this.server = server;
  }

  /** Listens; what an earlier agent had granted is void. */
  public static PairServer listen(Path path, PairMaps maps, PairRequests requests)
      throws IOException {
    return listen(path, maps, requests, GRACE);
  }

  /** With the time after which connections are reset that nobody judges. */
  static PairServer listen(Path path, PairMaps maps, PairRequests requests, Duration grace)
      throws IOException {
    maps.voidAll();
    boolean used = !maps.granted().isEmpty();
    PairServer made = new PairServer(maps, requests, grace, SeqpacketServer.listen(path));
    if (used) {
      made.lost();
    }
    Thread.ofPlatform().daemon().name("pairs accept").start(made::acceptAll);
    return made;
  }

  private void acceptAll() {
    while (!closed) {
      try {
        SeqpacketSocket socket = server.accept(ACCEPT);
        Thread.ofPlatform().daemon().name("pairs").start(() -> serve(socket));
      } catch (SocketTimeoutException nobody) {
        // Look whether this server is closed, then wait on.
      } catch (IOException e) {
        pause(e);
      }
    }
  }

  private void pause(IOException e) {
    if (!closed) {
      LOG.warn("pairs: a connection was not taken: {}", e.getMessage());
      LockSupport.parkNanos(200_000_000);
    }
  }

  private void serve(SeqpacketSocket socket) {
    try (PairConnection connection = new PairConnection(socket, maps, requests)) {
      connection.begin();
      while (!decides(connection)) {
        connection.checkAlive();
      }
      LOG.info("pairs: ztunnel (pid {}) connected", socket.peer().pid());
      connection.follow(() -> isCurrent(connection));
    } catch (IOException e) {
      LOG.info("pairs: ztunnel (pid {}) is gone: {}", socket.peer().pid(), e.getMessage());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } finally {
      leave(socket);
    }
  }

  /** Whether it decides from now on; else a newer one does, for whose end is waited a moment. */
  private synchronized boolean decides(PairConnection connection)
      throws IOException, InterruptedException {
    long end = System.nanoTime() + TURN.toNanos();
    while (!closed && current.filter(now -> now.isNewerThan(connection)).isPresent()) {
      long left = end - System.nanoTime();
      if (left <= 0) {
        return false;
      }
      TimeUnit.NANOSECONDS.timedWait(this, left);
    }
    if (closed) {
      throw new IOException("this agent ends");
    }
    current.ifPresent(PairConnection::supersede);
    maps.voidAll();
    current = Optional.of(connection);
    turn++;
    connection.welcome();
    return true;
  }

  private synchronized boolean isCurrent(PairConnection connection) {
    return !closed && current.filter(connection::equals).isPresent();
  }

  private synchronized void leave(SeqpacketSocket socket) {
    if (current.filter(connection -> connection.isOf(socket)).isPresent()) {
      current = Optional.empty();
      lost();
      notifyAll();
    }
  }

  /** Void at once; reset when it stays so. */
  private synchronized void lost() {
    if (closed) {
      return;
    }
    long now = ++turn;
    try {
      maps.voidAll();
      var _ = timer.schedule(() -> resetIfStill(now), grace.toNanos(), TimeUnit.NANOSECONDS);
    } catch (IOException e) {
      LOG.error("pairs: cannot be voided, they run out by themselves: {}", e.getMessage());
    } catch (RejectedExecutionException e) {
      LOG.debug("pairs: closing");
    }
  }

  private synchronized void resetIfStill(long then) {
    if (turn == then && !closed) {
      LOG.warn("pairs: no ztunnel for {}: connections between this node's pods are reset", grace);
      requests.resetAll();
    }
  }

  /** How many ztunnels decide, 0 or 1. */
  public synchronized int connected() {
    return current.isPresent() ? 1 : 0;
  }

  /** Ends; grants are void until another agent has a ztunnel. */
  @Override
  public void close() {
    closed = true;
    server.close();
    timer.shutdownNow();
    Optional<PairConnection> last;
    synchronized (this) {
      last = current;
      notifyAll();
    }
    last.ifPresent(PairConnection::close);
    try {
      maps.voidAll();
    } catch (IOException e) {
      LOG.warn("pairs: {}", e.getMessage());
    }
  }
}
