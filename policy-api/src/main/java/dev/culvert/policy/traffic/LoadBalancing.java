// SPDX-License-Identifier: Apache-2.0
package dev.culvert.policy.traffic;

import java.util.Optional;

/**
 * How the endpoint of a request is chosen.
 *
 * @param hashOn what decides with {@link Algorithm#RingHash} and {@link Algorithm#Maglev}
 * @param slowStart empty when a new endpoint gets its whole share at once
 */
public record LoadBalancing(
    Algorithm algorithm, Optional<HashKey> hashOn, Optional<SlowStart> slowStart) {

  /** Named as in resources. */
  public enum Algorithm {
    /** Of two drawn at random, the one with fewer requests under way. */
    LeastRequest,
    /** One after the other. */
    RoundRobin,
    /** Any. */
    Random,
    /** The same for the same key, by a ring of hashes (consistent hashing as in Ketama). */
    RingHash,
    /** The same for the same key, by Maglev's table: more even than a ring. */
    Maglev;

    /** Whether a key decides. */
    public boolean isByKey() {
      return this == RingHash || this == Maglev;
    }
  }

  /** Of services that no policy is for. */
  public static final LoadBalancing STANDARD =
      new LoadBalancing(Algorithm.LeastRequest, Optional.empty(), Optional.empty());
}
