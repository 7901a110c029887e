// SPDX-License-Identifier: Apache-2.0
package dev.culvert.controlplane.ca;

import static org.assertj.core.api.Assertions.assertThat;

import dev.culvert.policy.spiffe.TrustDomain;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class ExpiryWarningTest {
  private static final Instant START = Instant.parse("2026-11-27T00:00:00Z");
  private static final Duration LIFE = Duration.ofDays(3650);
  private static final TrustDomain DOMAIN = new TrustDomain("cluster.local");

  private final List<String> told = new ArrayList<>();
  private Instant now = START;
  private boolean leads = true;
  private Issuer issuer = SelfSigned.root(DOMAIN, START);
  private final CertificateAuthority authority = new OwnAuthority(() -> issuer, () -> now);
  private final ExpiryWarning warning =
      new ExpiryWarning(authority, Duration.ofDays(1), () -> now, () -> leads, told::add);

  @Test
  void rootWithALongLifeAheadIsNotSpokenOf() {
    warning.run();
    now = START.plus(LIFE).minus(Duration.ofDays(31));
    warning.run();
    assertThat(told).isEmpty();
  }

  @Test
  void rootThatEndsIsToldOnceADayInTheSameWords() {
    now = START.plus(LIFE).minus(Duration.ofDays(29));
    warning.run();
    now = now.plusSeconds(10);
    warning.run();
    assertThat(told).hasSize(1);
    now = now.plus(Duration.ofDays(1));
    warning.run();
    assertThat(told).hasSize(2);
    assertThat(told.getFirst())
        .isEqualTo(told.getLast())
        .contains("the root of the mesh", START.plus(LIFE).toString(), "let another follow");
  }

  @Test
  void rootThatFollowedEndsTheWarnings() {
    now = START.plus(LIFE).minus(Duration.ofDays(29));
    issuer = SelfSigned.root(DOMAIN, now);
    authority.refresh();
    warning.run();
    assertThat(told).isEmpty();
  }

  @Test
  void intermediateIsToldWhenItWouldCutWhatItSigns() {
    Issuer root = SelfSigned.root(DOMAIN, START);
    Issuer shorter = SelfSigned.root(DOMAIN, START.minus(Duration.ofDays(100)));
    issuer =
        new Issuer(
            DOMAIN,
            shorter.key(),
            shorter.certificate(),
            List.of(shorter.certificate()),
            root.root(),
            List.of(root.root()));
    authority.refresh();
    Instant end = START.plus(LIFE).minus(Duration.ofDays(100));
    now = end.minus(Duration.ofDays(3));
    warning.run();
    assertThat(told).isEmpty();
    now = end.minus(Duration.ofDays(1));
    warning.run();
    assertThat(told).singleElement().asString().contains("an intermediate", end.toString());
  }

  @Test
  void replicaThatDoesNotLeadSaysNothing() {
    leads = false;
    now = START.plus(LIFE);
    warning.run();
    assertThat(told).isEmpty();
    leads = true;
    warning.run();
    assertThat(told).hasSize(1);
  }
}
