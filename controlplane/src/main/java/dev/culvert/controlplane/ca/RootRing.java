// SPDX-License-Identifier: Apache-2.0
package dev.culvert.controlplane.ca;

import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Supplier;

/**
 * The roots of a mesh while one follows another: the next is trusted before it signs, and the last
 * one after it has signed, each for so long that everybody has renewed meanwhile.
 *
 * @param signer signs now
 * @param next is trusted already, and signs after it
 * @param last signed before it, and is trusted still
 * @param since when the step that this is in began
 */
record RootRing(
    Issuer signer, Optional<Issuer> next, Optional<X509Certificate> last, Instant since) {

  /** A fifth of a root's life is left for whatever keeps the change from being made. */
  private static final int PART_LEFT = 5;

  /** A root that nothing follows yet. */
  static RootRing of(Issuer signer, Instant since) {
    return new RootRing(signer, Optional.empty(), Optional.empty(), since);
  }

  /** Who signs, trusting all of them. */
  Issuer issuer() {
    Set<X509Certificate> trusted = new LinkedHashSet<>(signer.roots());
    next.ifPresent(root -> trusted.add(root.certificate()));
    last.ifPresent(trusted::add);
    return new Issuer(
        signer.trustDomain(),
        signer.key(),
        signer.certificate(),
        signer.intermediates(),
        signer.root(),
        List.copyOf(trusted));
  }

  /** Whether no change is going on. */
  boolean rests() {
    return next.isEmpty() && last.isEmpty();
  }

  /** Whether the signer is so old that the next has to come. */
  boolean isOld(Instant now) {
    Instant from = signer.certificate().getNotBefore().toInstant();
    Duration part = Duration.between(from, signer.end()).dividedBy(PART_LEFT);
    return now.isAfter(signer.end().minus(part));
  }

  /**
   * What it is when the step that is due has been made; itself when none is.
   *
   * @param step how long each lasts: no certificate may live longer
   * @param wanted whether a change is to begin, if none goes on
   */
  RootRing after(Instant now, Duration step, boolean wanted, Supplier<Issuer> maker) {
    if (rests()) {
      return wanted || isOld(now)
          ? new RootRing(signer, Optional.of(maker.get()), Optional.empty(), now)
          : this;
    }
    if (now.isBefore(since.plus(step))) {
      return this;
    }
    return next.map(root -> new RootRing(root, Optional.empty(), Optional.of(signer.root()), now))
        .orElseGet(() -> of(signer, now));
  }

  /** Says nothing of keys. */
  @Override
  public String toString() {
    if (next.isPresent()) {
      return "%s; the next, until %s, is trusted".formatted(signer, next.get().end());
    }
    return signer + (last.isPresent() ? "; the last is trusted still" : "");
  }
}
