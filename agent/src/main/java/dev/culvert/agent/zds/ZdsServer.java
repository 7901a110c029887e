// SPDX-License-Identifier: Apache-2.0
package dev.culvert.agent.zds;

import dev.culvert.linux.socket.SeqpacketServer;
import dev.culvert.linux.socket.SeqpacketSocket;
import java.io.IOException;
import java.net.SocketTimeoutException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Announces this node's pods to every ztunnel that connects. Nobody is listened to before {@link
 * #open}: an empty snapshot would make a running ztunnel drop the pods it serves.
 */
public final class ZdsServer implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(ZdsServer.class);
  private static final Duration PATIENCE = Duration.ofSeconds(5);

  /** Between two looks at an idle peer: when the newest dies, the one before it has its pods. */
  private static final Duration GLANCES = Duration.ofSeconds(1);

  private final Path path;
  private final Duration patience;
  private final Duration glances;
  private final Announcements announcements = new Announcements();
  private final AcceptRate rate = new AcceptRate();
  private final CountDownLatch closing = new CountDownLatch(1);
  private final Set<ZdsConnection> connections = ConcurrentHashMap.newKeySet();
  private Optional<SeqpacketServer> server = Optional.empty();

  /** Prepares a server for the path of its socket. */
  public ZdsServer(Path path) {
    this(path, PATIENCE);
  }

  /** With the longest time for a packet to go or come. */
  ZdsServer(Path path, Duration patience) {
    this.path = path;
    this.patience = patience;
    this.glances = patience.compareTo(GLANCES) < 0 ? patience : GLANCES;
  }

  /**
   * Makes the socket and begins to serve; the second call does nothing.
   *
   * @throws IOException when the path cannot be listened on
   */
  public synchronized void open() throws IOException {
    if (server.isEmpty() && closing.getCount() > 0) {
      SeqpacketServer opened = SeqpacketServer.listen(path);
      server = Optional.of(opened);
      thread("zds accept", () -> acceptAll(opened));
      LOG.info("zds: ztunnel is awaited at {}", path);
    }
  }

  /** Announces a pod, or its change; completes when a ztunnel serves it. */
  public CompletableFuture<Void> add(AnnouncedPod pod) {
    return announcements.add(pod);
  }

  /** Withdraws a pod; completes when no connected ztunnel serves it. */
  public CompletableFuture<Void> withdraw(String uid) {
    return announcements.withdraw(uid);
  }

  /** How many ztunnels are connected. */
  public int connected() {
    return announcements.subscribers();
  }

  private static void thread(String name, Runnable body) {
    Thread.ofPlatform().daemon().name(name).start(body);
  }

  private void acceptAll(SeqpacketServer listening) {
    try {
      while (!closing.await(rate.waitNanos(System.nanoTime()), TimeUnit.NANOSECONDS)) {
        acceptOne(listening);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private void acceptOne(SeqpacketServer listening) {
    try {
      SeqpacketSocket socket = listening.accept(patience);
      rate.accepted(System.nanoTime());
      ZdsConnection connection = new ZdsConnection(socket, patience);
      connections.add(connection);
      thread("zds " + connection.peerPid(), () -> serve(connection));
    } catch (SocketTimeoutException none) {
      // Nobody came; look whether this server is closing, then wait on.
    } catch (IOException e) {
      rate.accepted(System.nanoTime()); // such as EMFILE: not again at once
      if (closing.getCount() > 0) {
        LOG.warn("zds: a connection was not taken: {}", e.getMessage());
      }
    }
  }

  private void serve(ZdsConnection connection) {
    try (connection) {
      long started = connection.awaitHello();
      LOG.info("zds: ztunnel (pid {}) connected", connection.peerPid());
      announce(connection, started);
    } catch (IOException e) {
      if (closing.getCount() > 0) {
        LOG.warn(
            "zds: ztunnel (pid {}) is disconnected: {}; pods stay as they are until it is back",
            connection.peerPid(),
            e.getMessage());
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } finally {
      connections.remove(connection);
    }
  }

  private void announce(ZdsConnection connection, long started)
      throws IOException, InterruptedException {
    Subscriber subscriber = announcements.join(started);
    try {
      while (closing.getCount() > 0) {
        Optional<ZdsRequest> request = announcements.next(subscriber, glances.toNanos());
        if (request.isPresent()) {
          tell(connection, subscriber, request.get());
        } else {
          connection.checkAlive();
        }
      }
    } finally {
      announcements.leave(subscriber);
    }
  }

  private void tell(ZdsConnection connection, Subscriber subscriber, ZdsRequest request)
      throws IOException {
    Optional<String> refusal = connection.exchange(request);
    if (refusal.isEmpty()) {
      announcements.accepted(subscriber, request);
      return;
    }
    LOG.warn("zds: ztunnel refused {} and is asked again: {}", request, refusal.get());
    announcements.refused(subscriber, request);
  }

  /** Hangs up; the pods stay with the ztunnels, which come back to the next agent. */
  @Override
  public synchronized void close() {
    closing.countDown();
    server.ifPresent(SeqpacketServer::close);
    connections.forEach(ZdsConnection::close);
  }
}
