// SPDX-License-Identifier: Apache-2.0
package dev.culvert.ztunnel.hbone;

import io.netty.util.concurrent.Future;
import java.io.IOException;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;

/** PINGs a tunnel's peer and gives the tunnel up when it stays silent. On the tunnel's loop. */
final class Keepalive {
  private static final long FIRST_ROUND_TRIP = 0x43756c7665727400L;

  private final TunnelHandler tunnel;
  private final long intervalNanos;
  private final long timeoutNanos;
  private long probe;
  private Future<?> next;
  private Future<?> giveUp;
  private long roundTrip = FIRST_ROUND_TRIP;
  private Runnable afterRoundTrip;
  private Future<?> roundTripEnd;

  Keepalive(TunnelHandler tunnel, TunnelSettings settings) {
    this.tunnel = tunnel;
    this.intervalNanos = settings.pingInterval().toNanos();
    this.timeoutNanos = settings.pingTimeout().toNanos();
  }

  void start() {
    next = tunnel.context().executor().schedule(this::probe, intervalNanos, TimeUnit.NANOSECONDS);
  }

  void stop() {
    cancel(next);
    cancel(giveUp);
    cancel(roundTripEnd);
  }

  /**
   * Runs once when the peer has taken all that was sent until now, instead of what waits for that.
   * A peer that answers other PINGs but not this one is not waited for longer than for those: or it
   * could put off the end of a tunnel for as long as it likes.
   */
  void roundTrip(Runnable then) {
    afterRoundTrip = then;
    long number = ++roundTrip;
    tunnel.ping(number);
    cancel(roundTripEnd);
    roundTripEnd =
        tunnel
            .context()
            .executor()
            .schedule(() -> answered(number), timeoutNanos, TimeUnit.NANOSECONDS);
  }

  void answered(long data) {
    if (data == roundTrip && afterRoundTrip != null) {
      Runnable then = afterRoundTrip;
      afterRoundTrip = null;
      then.run();
    } else if (data == probe && giveUp != null) {
      cancel(giveUp);
      giveUp = null;
      start();
    }
  }

  private void probe() {
    // Not to be guessed: who answers has read it.
    probe = ThreadLocalRandom.current().nextLong();
    tunnel.ping(probe);
    giveUp = tunnel.context().executor().schedule(this::lost, timeoutNanos, TimeUnit.NANOSECONDS);
  }

  private void lost() {
    tunnel.abort(
        new IOException(
            "the tunnel's peer did not answer a PING within %d ms"
                .formatted(TimeUnit.NANOSECONDS.toMillis(timeoutNanos))));
  }

  private static void cancel(Future<?> task) {
    if (task != null) {
      task.cancel(false);
    }
  }
}
