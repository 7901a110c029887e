// SPDX-License-Identifier: Apache-2.0
package dev.culvert.ztunnel;

import dev.culvert.policy.spiffe.SpiffeId;
import java.time.Duration;
import java.util.Collection;
import java.util.NavigableSet;
import java.util.TreeSet;
import java.util.function.BooleanSupplier;
import java.util.function.LongSupplier;
import java.util.function.Predicate;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Whether the pods that a proxy begins with can prove who they are. Until then it refuses what they
 * open and what comes to them, so the proxy that it takes over from should not end yet. It waits
 * for a while and no longer: a CA may never sign for one of them. Safe from any thread.
 */
final class FirstCertificates {
  private static final Logger LOG = LoggerFactory.getLogger(FirstCertificates.class);
  private static final long PATIENCE = Duration.ofSeconds(30).toNanos();

  private final BooleanSupplier known;
  private final Supplier<? extends Collection<SpiffeId>> wanted;
  private final Predicate<SpiffeId> held;
  private final LongSupplier nanoTime;
  private boolean begun;
  private long since;
  private boolean done;

  /**
   * @param known whether all of its pods are known
   * @param wanted the identities of its pods
   * @param held whether there is a certificate for one
   */
  FirstCertificates(
      BooleanSupplier known,
      Supplier<? extends Collection<SpiffeId>> wanted,
      Predicate<SpiffeId> held,
      LongSupplier nanoTime) {
    this.known = known;
    this.wanted = wanted;
    this.held = held;
    this.nanoTime = nanoTime;
  }

  /** Whose certificates it waits for, in their order; empty when it waits no more, or not yet. */
  synchronized NavigableSet<String> missing() {
    NavigableSet<String> missing = new TreeSet<>();
    if (done || !known.getAsBoolean()) {
      return missing;
    }
    if (!begun) {
      begun = true;
      since = nanoTime.getAsLong();
    }
    wanted.get().stream().filter(held.negate()).map(SpiffeId::toString).forEach(missing::add);
    if (!missing.isEmpty() && nanoTime.getAsLong() - since >= PATIENCE) {
      LOG.warn("ready without certificates for {}", String.join(", ", missing));
      missing.clear();
    }
    done = missing.isEmpty();
    return missing;
  }
}
