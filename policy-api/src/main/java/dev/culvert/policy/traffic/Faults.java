// SPDX-License-Identifier: Apache-2.0
package dev.culvert.policy.traffic;

import java.time.Duration;
import java.util.Optional;
import java.util.OptionalInt;

/** What is made to go wrong, to see how clients bear it. */
public record Faults(Optional<Delay> delay, Optional<Abort> abort) {
  /** Nothing. */
  public static final Faults NONE = new Faults(Optional.empty(), Optional.empty());

  /**
   * Requests that wait before they are sent.
   *
   * @param percent of all, 0 to 100
   */
  public record Delay(int percent, Duration span) {}

  /**
   * Requests that are answered and not sent.
   *
   * @param percent of all, 0 to 100
   * @param status of HTTP; of a call the status 200 when there is a code
   * @param grpcStatus the code of a call
   */
  public record Abort(int percent, int status, OptionalInt grpcStatus) {}
}
