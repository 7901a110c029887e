// SPDX-License-Identifier: Apache-2.0
package dev.culvert.waypoint.forward;

import dev.culvert.waypoint.http.ResponseFlag;
import dev.culvert.waypoint.http.StreamFailure;
import dev.culvert.waypoint.plan.Target;
import io.netty.channel.EventLoop;
import io.netty.util.concurrent.Future;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * HTTP/1 connections to one endpoint. The one used last is taken first, so that those not needed
 * fall idle and end. On its event loop.
 */
final class Http1Pool implements BackendPools.Pool {
  private final EventLoop loop;
  private final Target target;
  private final Dialer dialer;
  private final PoolSettings settings;
  private final Runnable emptied;
  private final Deque<Http1Backend> idle = new ArrayDeque<>();
  private final WaitingLine waiting;
  private final long idleNanos;
  private @Nullable Future<?> idleTimer;
  private int connections;
  private int dialing;
  private boolean draining;

  Http1Pool(EventLoop loop, Target target, Dialer dialer, PoolSettings settings, Runnable emptied) {
    this.loop = loop;
    this.target = target;
    this.dialer = dialer;
    this.settings = settings;
    this.emptied = emptied;
    this.waiting = new WaitingLine(target.bounds(), settings.maxWaiting());
    this.idleNanos = settings.idle(target).toNanos();
  }

  @Override
  public void take(StreamWaiter waiter) {
    Http1Backend free = idle.pollLast();
    if (free != null) {
      free.take();
      waiter.ready(free);
    } else if (waiting.add(waiter)) {
      dialIfNeeded();
    } else {
      waiter.refused(
          new StreamFailure(
              ResponseFlag.UPSTREAM_OVERFLOW,
              "too many requests wait for a connection, %d to %s"
                  .formatted(waiting.size(), target.address()),
              true));
    }
  }

  private void dialIfNeeded() {
    while (dialing < waiting.size()
        && connections < settings.maxConnections()
        && target.bounds().takeConnection(connections == 0)) {
      dial();
    }
  }

  private void dial() {
    connections++;
    dialing++;
    Http1Backend backend = new Http1Backend(this, settings);
    dialer.dial(loop, target, backend.initializer()).addListener(done -> dialed(done, backend));
  }

  private void dialed(Future<?> done, Http1Backend backend) {
    dialing--;
    if (done.isSuccess()) {
      release(backend);
      return;
    }
    gone();
    StreamFailure failure =
        new StreamFailure(
            ResponseFlag.UPSTREAM_CONNECT,
            "cannot connect to %s: %s".formatted(target.address(), done.cause().getMessage()),
            true);
    // Each dial was for one of them.
    StreamWaiter first = waiting.poll();
    if (first != null) {
      first.refused(failure);
    }
    dialIfNeeded();
    removeIfEmpty();
  }

  /** A connection can serve the next request. */
  void release(Http1Backend backend) {
    StreamWaiter next = waiting.poll();
    if (next != null) {
      backend.take();
      next.ready(backend);
    } else if (draining || backend.isLeaving()) {
      backend.close();
    } else {
      backend.rest(System.nanoTime() + idleNanos);
      idle.addLast(backend);
      if (idleTimer == null) {
        awaitIdle(idleNanos);
      }
    }
  }

  /** One timer for all, which is left alone while requests come and go. */
  private void awaitIdle(long nanos) {
    idleTimer = loop.schedule(this::endIdle, nanos, TimeUnit.NANOSECONDS);
  }

  /** Those that rest longest are the first ones. */
  private void endIdle() {
    idleTimer = null;
    long now = System.nanoTime();
    Http1Backend first = idle.peekFirst();
    while (first != null && first.restsUntil() - now <= 0) {
      idle.pollFirst();
      first.close();
      first = idle.peekFirst();
    }
    if (first != null) {
      awaitIdle(first.restsUntil() - now);
    }
  }

  private void gone() {
    connections--;
    target.bounds().giveConnection();
  }

  /** After so many requests a connection is closed. */
  int maxRequests() {
    return target.bounds().limits().maxRequestsPerConnection();
  }

  /** A connection ended, idle or in use. */
  void closed(Http1Backend backend) {
    gone();
    idle.remove(backend);
    dialIfNeeded();
    removeIfEmpty();
  }

  private void removeIfEmpty() {
    if (connections == 0 && waiting.isEmpty()) {
      if (idleTimer != null) {
        idleTimer.cancel(false);
        idleTimer = null;
      }
      emptied.run();
    }
  }

  @Override
  public void drain() {
    draining = true;
    while (!idle.isEmpty()) {
      idle.poll().close();
    }
  }
}
