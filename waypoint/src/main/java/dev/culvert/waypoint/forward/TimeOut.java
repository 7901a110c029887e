// SPDX-License-Identifier: Apache-2.0
package dev.culvert.waypoint.forward;

/** A time-out that may come, in its line between those before and after it. On its event loop. */
final class TimeOut {
  private final long at;
  private final Runnable late;
  private TimeOut before = this;
  private TimeOut after = this;

  /**
   * @param at by the clock of {@link System#nanoTime}
   */
  TimeOut(long at, Runnable late) {
    this.at = at;
    this.late = late;
  }

  long at() {
    return at;
  }

  Runnable late() {
    return late;
  }

  /** Whether there is no other in its line. */
  boolean isAlone() {
    return after == this;
  }

  TimeOut next() {
    return after;
  }

  /** Goes to the end of a line, which is before its beginning. */
  void appendTo(TimeOut ends) {
    before = ends.before;
    after = ends;
    before.after = this;
    ends.before = this;
  }

  /** It will not come any more. */
  void cancel() {
    before.after = after;
    after.before = before;
    before = this;
    after = this;
  }
}
