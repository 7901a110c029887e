// SPDX-License-Identifier: Apache-2.0
package dev.culvert.cli.soak;

import java.time.Duration;

/**
 * What is asked.
 *
 * @param name of the mesh
 * @param time under load
 * @param seed of every choice
 * @param connections open at once
 */
record SoakPlan(String name, Duration time, long seed, int connections) {
  private static final int SAMPLES = 120;

  /** How long a connection lasts that lasts long. */
  Duration longest() {
    return between(time.dividedBy(4), Duration.ofSeconds(4), Duration.ofSeconds(60));
  }

  /** Renewed at half of it: several times in any soak. */
  Duration certificates() {
    return between(time.dividedBy(2), Duration.ofSeconds(20), Duration.ofSeconds(60));
  }

  Duration betweenEvents() {
    return between(time.dividedBy(40), Duration.ofMillis(500), Duration.ofSeconds(4));
  }

  /** Daemons end only before. */
  Duration replacements() {
    return time.dividedBy(2);
  }

  /** What was replaced by then has come back and is warm. */
  Duration settled() {
    return time.multipliedBy(5).dividedBy(8);
  }

  Duration betweenSamples() {
    return time.dividedBy(SAMPLES);
  }

  private static Duration between(Duration wanted, Duration least, Duration most) {
    if (wanted.compareTo(least) < 0) {
      return least;
    }
    return wanted.compareTo(most) > 0 ? most : wanted;
  }

  /** How a user writes it. */
  String command() {
    String minutes = "%.2f".formatted(time.toMillis() / 60_000.0).replaceFirst("\\.?0+$", "");
    return "./culvert soak --minutes %s --seed %d --connections %d"
        .formatted(minutes, seed, connections);
  }
}
