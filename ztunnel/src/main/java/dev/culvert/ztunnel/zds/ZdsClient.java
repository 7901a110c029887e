// SPDX-License-Identifier: Apache-2.0
package dev.culvert.ztunnel.zds;

import dev.culvert.linux.socket.SeqpacketSocket;
import dev.culvert.ztunnel.controlplane.Backoff;
import java.io.IOException;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.util.Optional;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Keeps a connection to the node's agent and follows its word on pods. A connection that ends is
 * made again, at a pace from 10 ms to 1 s; meanwhile the pods stay as they are. Why it ended is
 * told once, not at each attempt. Thread {@code zds}.
 */
public final class ZdsClient implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(ZdsClient.class);

  private static final long PREPARING_NANOS = 10_000_000;

  private final Path path;
  private final PodRegistry pods;
  private final long started;
  private final BooleanSupplier prepared;
  private final Backoff backoff = Backoff.ofNodeSocket(new SecureRandom());
  private final Thread thread;
  private String told = "";
  private volatile SeqpacketSocket socket;
  private volatile boolean closed;

  /**
   * @param path where the agent listens
   * @param started when this process did, in ns of CLOCK_MONOTONIC
   * @param prepared whether pods can be served; until then the agent is not asked for any, for who
   *     takes their ports takes them from the ztunnel before it
   */
  public ZdsClient(Path path, PodRegistry pods, long started, BooleanSupplier prepared) {
    this.path = path;
    this.pods = pods;
    this.started = started;
    this.prepared = prepared;
    this.thread = Thread.ofPlatform().daemon().name("zds").unstarted(this::run);
  }

  /** Connects, and stays connected until closed. */
  public void start() {
    thread.start();
  }

  /** Ends the connection; the pods stay as they are. */
  @Override
  public void close() {
    closed = true;
    SeqpacketSocket last = socket;
    if (last != null) {
      last.close();
    }
    LockSupport.unpark(thread);
  }

  private void run() {
    while (!closed && !prepared.getAsBoolean()) {
      LockSupport.parkNanos(this, PREPARING_NANOS);
    }
    while (!closed) {
      String ended = converse();
      if (closed) {
        return;
      }
      tell(ended);
      LockSupport.parkNanos(this, backoff.next().toNanos());
    }
  }

  private void tell(String ended) {
    if (!ended.equals(told)) {
      LOG.warn("ZDS {}: {}; pods stay as they are, the agent is tried each second", path, ended);
      told = ended;
    }
  }

  /** One connection from its begin to its end, which it explains. */
  private String converse() {
    try (SeqpacketSocket agent = SeqpacketSocket.connect(path)) {
      socket = agent;
      ZdsSession session = new ZdsSession(agent, pods);
      session.hello(started);
      LOG.info("ZDS {}: connected to the agent, pid {}", path, agent.peer().pid());
      while (!closed) {
        pods.retryPending();
        if (session.next(pods.untilRetry())) {
          backoff.reset();
          told = "";
        }
      }
      return "closed";
    } catch (ZdsProtocolException e) {
      return "protocol error: " + e.getMessage();
    } catch (IOException e) {
      return Optional.ofNullable(e.getMessage()).orElseGet(e::toString);
    } catch (RuntimeException e) {
      LOG.error("a message from the agent could not be handled", e);
      return e.toString();
    }
  }
}
