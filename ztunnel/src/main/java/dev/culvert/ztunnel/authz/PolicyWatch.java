// SPDX-License-Identifier: Apache-2.0
package dev.culvert.ztunnel.authz;

import dev.culvert.policy.authz.ConnectionFacts;
import dev.culvert.policy.authz.Verdict;
import dev.culvert.ztunnel.xds.MeshState;
import dev.culvert.ztunnel.xds.Workload;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Judges the open connections again after each change of the mesh, on a thread of its own, {@code
 * policy-watch}: changes that come while it works are one more round. A workload that is no longer
 * known is judged as it was last known: its policies cannot have become laxer by that.
 */
public final class PolicyWatch implements OpenConnections, AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(PolicyWatch.class);

  private final Set<Connection> open = ConcurrentHashMap.newKeySet();
  private final MeshState mesh;
  private final Authorizer authorizer;
  private final AtomicBoolean changed = new AtomicBoolean();
  private final Thread thread;
  private volatile boolean closed;

  /** Watches the connections to the pods of {@code mesh}. */
  public PolicyWatch(MeshState mesh, Authorizer authorizer) {
    this.mesh = mesh;
    this.authorizer = authorizer;
    this.thread = Thread.ofPlatform().daemon().name("policy-watch").start(this::run);
    mesh.onChange(this::wake);
  }

  @Override
  public Tracked track(
      Side side, Workload destination, ConnectionFacts facts, Consumer<Verdict.Deny> close) {
    Connection connection = new Connection(side, destination, facts, close);
    open.add(connection);
    // Policy may have changed between the decision and now, and would not be looked at again.
    judge(connection);
    return connection;
  }

  /** How many connections are watched. */
  public int size() {
    return open.size();
  }

  @Override
  public void close() {
    closed = true;
    LockSupport.unpark(thread);
  }

  private void wake() {
    changed.set(true);
    LockSupport.unpark(thread);
  }

  private void run() {
    while (!closed) {
      if (changed.getAndSet(false)) {
        open.forEach(this::judgeAgain);
      } else {
        LockSupport.park(this);
      }
    }
  }

  /** One that cannot be judged must not keep the others from it. */
  private void judgeAgain(Connection connection) {
    try {
      judge(connection);
    } catch (RuntimeException e) {
      LOG.error("an open connection could not be judged again: {}", connection.facts, e);
    }
  }

  private void judge(Connection connection) {
    Workload known = connection.destination;
    Workload now =
        mesh.workload(known.namespace(), known.name())
            .filter(one -> one.uid().equals(known.uid()))
            .orElse(known);
    if (authorizer.decide(now, connection.facts) instanceof Verdict.Deny deny
        && connection.counts(deny.reason())
        && open.remove(connection)) {
      LOG.info(
          "closing {} to {}/{}: {}{}",
          connection.facts,
          now.namespace(),
          now.name(),
          deny.reason(),
          deny.policy().map(policy -> ", " + policy).orElse(""));
      connection.deny(deny);
    }
  }

  /** By identity: two connections may have equal facts. */
  private final class Connection implements Tracked {
    private final Side side;
    private final Workload destination;
    private final ConnectionFacts facts;
    private final Consumer<Verdict.Deny> close;

    Connection(
        Side side, Workload destination, ConnectionFacts facts, Consumer<Verdict.Deny> close) {
      this.side = side;
      this.destination = destination;
      this.facts = facts;
      this.close = close;
    }

    boolean counts(Verdict.Reason reason) {
      return switch (reason) {
        case DENY_MATCHED, NO_ALLOW_MATCHED -> true;
        case MISSING, UNUSABLE -> side == Side.DESTINATION;
      };
    }

    void deny(Verdict.Deny deny) {
      try {
        close.accept(deny);
      } catch (RuntimeException e) {
        LOG.error("a forbidden connection could not be closed: {}", facts, e);
      }
    }

    @Override
    public void close() {
      open.remove(this);
    }
  }
}
