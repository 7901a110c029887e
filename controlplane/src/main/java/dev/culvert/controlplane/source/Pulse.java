// SPDX-License-Identifier: Apache-2.0
package dev.culvert.controlplane.source;

import java.time.Duration;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.function.LongSupplier;

/** Whether the thread that takes changes in gets on with it. Told by it, asked by others. */
public final class Pulse {
  /** What 100,000 pods at once need on a busy machine, some times over. */
  public static final Duration LONGEST = Duration.ofSeconds(60);

  private final Duration longest;
  private final LongSupplier nanoTime;
  private volatile OptionalLong began = OptionalLong.empty();

  /** Of a thread for which no change takes longer than {@link #LONGEST}. */
  public Pulse() {
    this(LONGEST, System::nanoTime);
  }

  Pulse(Duration longest, LongSupplier nanoTime) {
    this.longest = longest;
    this.nanoTime = nanoTime;
  }

  /** A change is being taken in. */
  public void begin() {
    began = OptionalLong.of(nanoTime.getAsLong());
  }

  /** It has been taken in. */
  public void end() {
    began = OptionalLong.empty();
  }

  /**
   * Why no change is taken in any more; empty while all is well, as when there is none.
   *
   * @param isThreadAlive whether the thread that takes them in is
   */
  public Optional<String> trouble(boolean isThreadAlive) {
    if (!isThreadAlive) {
      return Optional.of("the thread that takes changes in has ended");
    }
    OptionalLong since = began;
    Duration lasts =
        since.isPresent()
            ? Duration.ofNanos(nanoTime.getAsLong() - since.getAsLong())
            : Duration.ZERO;
    return lasts.compareTo(longest) > 0
        ? Optional.of(
            "a change has been taken in for %d s and is not yet".formatted(lasts.toSeconds()))
        : Optional.empty();
  }
}
