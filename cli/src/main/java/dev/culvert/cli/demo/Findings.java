// SPDX-License-Identifier: Apache-2.0
package dev.culvert.cli.demo;

import java.util.ArrayList;
import java.util.List;

/** What a proof saw. It holds when every finding does, and there is one. */
final class Findings {
  /**
   * One observation.
   *
   * @param holds whether it is as claimed
   * @param text with the evidence in it
   */
  record Seen(boolean holds, String text) {}

  private final List<Seen> seen = new ArrayList<>();

  Findings saw(boolean holds, String text) {
    seen.add(new Seen(holds, text));
    return this;
  }

  List<Seen> all() {
    return List.copyOf(seen);
  }

  boolean hold() {
    return !seen.isEmpty() && seen.stream().allMatch(Seen::holds);
  }
}
