// SPDX-License-Identifier: Apache-2.0
package dev.culvert.controlplane.ca;

import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.HashMap;
import java.util.Map;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;

/**
 * Warns of a root that ends within 30 days, and of an intermediate that ends so soon that what it
 * signs is cut short: one that is renewed by itself has been by then. Once a day, by the replica
 * that leads.
 */
public final class ExpiryWarning implements Runnable {
  private static final Duration ROOT_SOON = Duration.ofDays(30);

  /** In lives of the certificates that it signs: there is time to act before the first is cut. */
  private static final int CHAIN_SOON = 2;

  private final CertificateAuthority authority;
  private final Duration chainSoon;
  private final InstantSource clock;
  private final BooleanSupplier leads;
  private final Consumer<String> told;
  private Map<String, LocalDate> last = Map.of();

  /**
   * @param longest how long a certificate lives at most
   * @param leads whether this replica may write now
   * @param told hears what ends when, and the remedy; the same words until it is renewed
   */
  public ExpiryWarning(
      CertificateAuthority authority,
      Duration longest,
      InstantSource clock,
      BooleanSupplier leads,
      Consumer<String> told) {
    this.authority = authority;
    this.chainSoon = longest.multipliedBy(CHAIN_SOON);
    this.clock = clock;
    this.leads = leads;
    this.told = told;
  }

  @Override
  public void run() {
    if (!leads.getAsBoolean()) {
      return;
    }
    Instant root = authority.rootEnd();
    Instant chain = authority.chainEnd();
    Map<String, LocalDate> now = new HashMap<>();
    if (isWithin(ROOT_SOON, root)) {
      warn("the root of the mesh", root, now);
    }
    if (chain.isBefore(root) && isWithin(chainSoon, chain)) {
      warn("an intermediate of the mesh's authority", chain, now);
    }
    last = now;
  }

  private boolean isWithin(Duration soon, Instant end) {
    return !clock.instant().isBefore(end.minus(soon));
  }

  private void warn(String what, Instant end, Map<String, LocalDate> now) {
    String text =
        "%s ends at %s, and with it every certificate that hangs on it: let another follow before that (docs/controlplane.md, The authority)"
            .formatted(what, end);
    LocalDate today = LocalDate.ofInstant(clock.instant(), ZoneOffset.UTC);
    now.put(text, today);
    if (!today.equals(last.get(text))) {
      told.accept(text);
    }
  }
}
