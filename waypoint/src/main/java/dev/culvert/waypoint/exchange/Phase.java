// SPDX-License-Identifier: Apache-2.0
package dev.culvert.waypoint.exchange;

/**
 * One step of every request of a listener. Phases are composed when the configuration changes, hold
 * no state of a request, and run on many event loops at once. Nothing of a request leaves before
 * the last one, which forwards.
 */
@FunctionalInterface
public interface Phase {
  /** How it goes on. */
  enum Step {
    /** With the next phase. */
    NEXT,
    /** Not at all: the phase answered, or the backend will. */
    ANSWERED,
    /** When the phase calls {@link Exchange#proceed} on the exchange's event loop. */
    WAITS
  }

  /** Does this step. A phase that throws makes the request fail with 500. */
  Step run(Exchange exchange);
}
