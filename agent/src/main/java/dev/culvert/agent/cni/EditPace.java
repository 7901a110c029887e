// SPDX-License-Identifier: Apache-2.0
package dev.culvert.agent.cni;

import java.time.Duration;
import java.util.function.LongSupplier;

/**
 * How soon a list is edited again. A CNI that writes its list anew at its start is followed at
 * once, however often; one that undoes every edit would keep two processes busy for ever. From the
 * eleventh edit in a minute on there are pauses between them, which double up to five seconds: as
 * long as that, at most, a list is without the plugin. A minute without an edit is peace.
 */
final class EditPace {
  private static final long MEMORY = Duration.ofMinutes(1).toNanos();
  private static final int AT_ONCE = 10;
  private static final long SHORTEST = Duration.ofMillis(50).toNanos();
  private static final long LONGEST = Duration.ofSeconds(5).toNanos();

  private final LongSupplier nanos;
  private int edits;
  private long last;
  private long pause;

  /**
   * Nothing was edited yet.
   *
   * @param nanos as {@link System#nanoTime}
   */
  EditPace(LongSupplier nanos) {
    this.nanos = nanos;
  }

  /** One was needed: what was written before is not there any more. */
  void edited() {
    edits = edits() + 1;
    last = nanos.getAsLong();
    if (edits <= AT_ONCE) {
      pause = 0;
    } else {
      pause = pause == 0 ? SHORTEST : Math.min(2 * pause, LONGEST);
    }
  }

  /** How long the next edit is to wait still. */
  Duration left() {
    return pause == 0
        ? Duration.ZERO
        : Duration.ofNanos(Math.max(0, pause - (nanos.getAsLong() - last)));
  }

  /** Whether somebody undoes what is written. */
  boolean isFight() {
    return edits() > AT_ONCE;
  }

  /** How many there were since the last minute without one. */
  int edits() {
    return nanos.getAsLong() - last > MEMORY ? 0 : edits;
  }
}
