// SPDX-License-Identifier: Apache-2.0
package dev.culvert.policy.traffic;

import java.time.Duration;
import java.util.Optional;

/** What of a request decides which endpoint it goes to; a request without it goes to any. */
public sealed interface HashKey {
  /** A header field. */
  record Header(String name) implements HashKey {}

  /**
   * A cookie.
   *
   * @param path of one that is made
   * @param ttl a client without one is given one for so long, zero for its session; empty, it is
   *     given none
   */
  record Cookie(String name, String path, Optional<Duration> ttl) implements HashKey {}

  /** A parameter of the query. */
  record QueryParameter(String name) implements HashKey {}

  /** The address that the client connected from. */
  record SourceAddress() implements HashKey {}
}
