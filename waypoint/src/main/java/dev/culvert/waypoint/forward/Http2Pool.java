// SPDX-License-Identifier: Apache-2.0
package dev.culvert.waypoint.forward;

import dev.culvert.waypoint.http.ResponseFlag;
import dev.culvert.waypoint.http.StreamFailure;
import dev.culvert.waypoint.plan.Target;
import io.netty.channel.EventLoop;
import io.netty.util.concurrent.Future;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * HTTP/2 connections to one endpoint: one, and a further one when its streams are used up. On its
 * event loop.
 */
final class Http2Pool implements BackendPools.Pool {
  private final EventLoop loop;
  private final Target target;
  private final Dialer dialer;
  private final PoolSettings settings;
  private final Runnable emptied;
  private final List<Http2Backend> connections = new ArrayList<>();
  private final WaitingLine waiting;
  private final Set<Http2Backend> counted = new HashSet<>();
  private int dialing;
  private boolean draining;

  Http2Pool(EventLoop loop, Target target, Dialer dialer, PoolSettings settings, Runnable emptied) {
    this.loop = loop;
    this.target = target;
    this.dialer = dialer;
    this.settings = settings;
    this.emptied = emptied;
    this.waiting = new WaitingLine(target.bounds(), settings.maxWaiting());
  }

  @Override
  public void take(StreamWaiter waiter) {
    Http2Backend free = withRoom();
    if (free != null) {
      waiter.ready(free.newStream());
    } else if (waiting.add(waiter)) {
      dialIfNeeded();
    } else {
      waiter.refused(
          new StreamFailure(
              ResponseFlag.UPSTREAM_OVERFLOW,
              "too many requests wait for a stream, %d to %s"
                  .formatted(waiting.size(), target.address()),
              true));
    }
  }

  private Http2Backend withRoom() {
    for (int i = connections.size() - 1; i >= 0; i--) {
      if (connections.get(i).hasRoom()) {
        return connections.get(i);
      }
    }
    return null;
  }

  private void dialIfNeeded() {
    if (!waiting.isEmpty()
        && dialing == 0
        && connections.size() < settings.maxConnections()
        && target.bounds().takeConnection(connections.isEmpty())) {
      dialing++;
      Http2Backend backend = new Http2Backend(this, settings);
      counted.add(backend);
      // The preface goes out when the channel becomes active, which is after this is told.
      dialer
          .dial(loop, target, backend)
          .addListener(done -> loop.execute(() -> dialed(done, backend)));
    }
  }

  private void dialed(Future<?> done, Http2Backend backend) {
    dialing--;
    if (!done.isSuccess()) {
      refuseAll(backend, "cannot connect to %s: %s", done.cause().getMessage());
    } else if (backend.isOpen()) {
      connections.add(backend);
      serveWaiting();
    } else {
      refuseAll(backend, "the connection to %s %s", "ended as it began");
    }
  }

  /** Dialling on and on for those that wait would never end. */
  private void refuseAll(Http2Backend backend, String problem, String why) {
    gone(backend);
    StreamFailure failure =
        new StreamFailure(
            ResponseFlag.UPSTREAM_CONNECT, problem.formatted(target.address(), why), true);
    waiting.pollAll().forEach(waiter -> waiter.refused(failure));
    removeIfEmpty();
  }

  /** A connection has room for further streams. */
  void serveWaiting() {
    while (!waiting.isEmpty()) {
      Http2Backend free = withRoom();
      if (free == null) {
        dialIfNeeded();
        return;
      }
      StreamWaiter next = waiting.poll();
      if (next != null) {
        next.ready(free.newStream());
      }
    }
  }

  /** A connection ended, or takes no more streams. */
  void closed(Http2Backend backend) {
    gone(backend);
    connections.remove(backend);
    dialIfNeeded();
    removeIfEmpty();
  }

  private void gone(Http2Backend backend) {
    if (counted.remove(backend)) {
      target.bounds().giveConnection();
    }
  }

  /** After so many requests a connection takes no more. */
  int maxRequests() {
    return target.bounds().limits().maxRequestsPerConnection();
  }

  Duration idle() {
    return settings.idle(target);
  }

  boolean isDraining() {
    return draining;
  }

  private void removeIfEmpty() {
    if (connections.isEmpty() && waiting.isEmpty() && dialing == 0) {
      emptied.run();
    }
  }

  @Override
  public void drain() {
    draining = true;
    List.copyOf(connections).forEach(Http2Backend::closeIfIdle);
  }
}
