// SPDX-License-Identifier: Apache-2.0
package dev.culvert.ztunnel.controlplane;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.Random;
import org.junit.jupiter.api.Test;

class BackoffTest {
  @Test
  void doublesUpToTheLongest() {
    Backoff backoff = new Backoff(Duration.ofMillis(500), Duration.ofSeconds(3), 0, new Random(1));

    assertThat(backoff.next()).isEqualTo(Duration.ofMillis(500));
    assertThat(backoff.next()).isEqualTo(Duration.ofSeconds(1));
    assertThat(backoff.next()).isEqualTo(Duration.ofSeconds(2));
    assertThat(backoff.next()).isEqualTo(Duration.ofSeconds(3));
    assertThat(backoff.next()).isEqualTo(Duration.ofSeconds(3));
  }

  @Test
  void beginsAgainAfterASuccess() {
    Backoff backoff = new Backoff(Duration.ofMillis(10), Duration.ofSeconds(15), 0, new Random(1));
    backoff.next();
    backoff.next();
    backoff.reset();

    assertThat(backoff.next()).isEqualTo(Duration.ofMillis(10));
  }

  @Test
  void spreadStaysWithinTheJitter() {
    Backoff backoff = Backoff.ofCertificate(new Random(7));
    for (int i = 0; i < 100; i++) {
      assertThat(backoff.next()).isBetween(Duration.ofMillis(400), Duration.ofMillis(600));
      backoff.reset();
    }
  }

  @Test
  void certificatesWaitAtMostHundredFiftySeconds() {
    assertThat(longestOf(Backoff.ofCertificate(new Random(7))))
        .isBetween(Duration.ofMinutes(2), Duration.ofMinutes(3));
  }

  @Test
  void controlPlaneWaitsAtMostFifteenSeconds() {
    assertThat(longestOf(Backoff.ofStream(new Random(7))))
        .isBetween(Duration.ofSeconds(12), Duration.ofSeconds(18));
  }

  @Test
  void socketOfTheNodeIsTriedEachSecondHoweverLongItIsAway() {
    assertThat(longestOf(Backoff.ofNodeSocket(new Random(7))))
        .isBetween(Duration.ofMillis(800), Duration.ofMillis(1200));
  }

  private static Duration longestOf(Backoff backoff) {
    Duration last = Duration.ZERO;
    for (int i = 0; i < 20; i++) {
      last = backoff.next();
    }
    return last;
  }
}
