// SPDX-License-Identifier: Apache-2.0
package dev.culvert.agent.neighbours;

import dev.culvert.linux.bpf.AttachedProgram;
import dev.culvert.linux.bpf.Hook;

/**
 * A program of others at a hook where the mesh has one.
 *
 * @param order whether it runs before the mesh's own
 */
public record Neighbour(Hook hook, AttachedProgram program, Order order) {
  /** When a program runs, seen from the mesh's own. */
  public enum Order {
    BEFORE("before the mesh's"),
    BEHIND("behind the mesh's"),
    /** The mesh has none there. */
    ALONE("where the mesh has none yet");

    private final String words;

    Order(String words) {
      this.words = words;
    }
  }

  /**
   * Whether it may change where a connection leads before the mesh knows where it was to lead: what
   * was asked for by a Service's address would be known by an endpoint's, and the Service's
   * waypoint be left out.
   */
  public boolean mayTranslate() {
    boolean leads =
        switch (hook) {
          case CONNECT4, CONNECT6, SENDMSG4, SENDMSG6 -> true;
          default -> false;
        };
    return leads && order != Order.BEHIND;
  }

  /** What to do about it when it {@linkplain #mayTranslate may translate}. */
  public String remedy() {
    return Owner.remedyFor(program);
  }

  /** One line. */
  public String text() {
    String whose = Owner.titleOf(program).map(title -> ", of " + title).orElse("");
    return "%s: %s%s runs %s".formatted(hook, program, whose, order.words);
  }
}
