// SPDX-License-Identifier: Apache-2.0
package dev.culvert.ztunnel.hbone;

import dev.culvert.ztunnel.hbone.frame.ErrorCode;
import io.netty.util.concurrent.Future;
import java.io.IOException;
import java.time.Duration;
import java.util.Comparator;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/**
 * Ends what a peer keeps waiting for too long. Looks at a tunnel from time to time, so that a
 * stream costs no timer of its own: each limit is met up to two looks late. On the tunnel's loop.
 */
final class Patience {
  private final TunnelHandler tunnel;
  private final TunnelSettings settings;
  private final Duration interval;
  private Future<?> greeting;
  private Future<?> next;
  private long unusedSince;

  Patience(TunnelHandler tunnel, TunnelSettings settings) {
    this.tunnel = tunnel;
    this.settings = settings;
    this.interval = interval(settings);
  }

  /** With each PING, and as often as the shortest limit asks for. */
  private static Duration interval(TunnelSettings settings) {
    return Stream.of(
            settings.pingInterval(),
            settings.answerTimeout(),
            settings.stallTimeout(),
            settings.unusedTimeout())
        .filter(limit -> !limit.isZero())
        .min(Comparator.naturalOrder())
        .orElseThrow();
  }

  void start() {
    greeting = later(this::greet, settings.connectTimeout());
    next = later(this::look, interval);
  }

  void stop() {
    greeting.cancel(false);
    next.cancel(false);
  }

  private Future<?> later(Runnable task, Duration delay) {
    return tunnel.context().executor().schedule(task, delay.toNanos(), TimeUnit.NANOSECONDS);
  }

  private void greet() {
    if (!tunnel.peer().isTold()) {
      tunnel.abort(new IOException("the tunnel's peer did not begin to speak HTTP/2 in time"));
    }
  }

  private void look() {
    next = later(this::look, interval);
    long now = tunnel.context().executor().ticker().nanoTime();
    for (HboneStream stream : tunnel.streams()) {
      look(stream, stream.waitedNanos(now));
    }
    lookForUse(now);
  }

  private void look(HboneStream stream, long waited) {
    Duration most =
        stream.request().isWaiting() ? settings.answerTimeout() : settings.stallTimeout();
    if (waited > 0 && !most.isZero() && waited >= most.toNanos()) {
      String what = stream.request().isWaiting() ? "did not answer" : "took no data";
      stream.fail(new IOException("the other side %s for %s".formatted(what, most)));
      tunnel.gaveUp(stream);
      tunnel.reset(stream, ErrorCode.CANCEL);
    }
  }

  /** The side that opens streams has a timer for this: it knows the moment. */
  private void lookForUse(long now) {
    if (!tunnel.isServer() || tunnel.streamCount() > 0) {
      unusedSince = 0;
    } else if (unusedSince == 0) {
      unusedSince = now;
    } else if (now - unusedSince >= settings.unusedTimeout().toNanos()) {
      tunnel.drain();
    }
  }
}
