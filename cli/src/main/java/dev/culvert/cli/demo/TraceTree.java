// SPDX-License-Identifier: Apache-2.0
package dev.culvert.cli.demo;

import java.util.List;

/** The way of one request as its spans tell it: each hop under the one that sent it on. */
final class TraceTree {
  private static final String BRANCH = "└─ ";

  /**
   * One hop.
   *
   * @param span its own id; of who has none, empty
   * @param parent the id of the hop before it, as this one was told; of the first, empty
   * @param text what it did
   */
  record Hop(String span, String parent, String text) {}

  private TraceTree() {}

  /** Draws the hops from the first on; one that names another parent does not hold. */
  static void draw(List<Hop> way, Findings findings) {
    String expected = "";
    for (int depth = 0; depth < way.size(); depth++) {
      Hop hop = way.get(depth);
      String line = indent(depth) + hop.text();
      boolean holds = hop.parent().equals(expected);
      findings.saw(
          holds,
          holds
              ? line
              : "%s, but its parent is '%s' and not '%s'".formatted(line, hop.parent(), expected));
      expected = hop.span();
    }
  }

  private static String indent(int depth) {
    return depth == 0 ? "" : "   ".repeat(depth - 1) + BRANCH;
  }
}
