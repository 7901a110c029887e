// SPDX-License-Identifier: Apache-2.0
package dev.culvert.controlplane.verdict;

import dev.culvert.controlplane.status.Condition;
import dev.culvert.controlplane.status.ListenerStatus;
import dev.culvert.policy.resource.ResourceKey;
import java.util.List;

/**
 * What a ListenerSet is.
 *
 * @param gateway whose it is
 * @param accepted whether the Gateway takes it, once that is accepted itself
 * @param programmed its listeners when the Gateway takes connections; none when it takes no set
 */
record ListenerSetVerdict(
    ResourceKey gateway, Condition accepted, List<ListenerStatus> programmed) {
  ListenerSetVerdict {
    programmed = List.copyOf(programmed);
  }

  /**
   * Its conditions.
   *
   * @param parent whether its Gateway is accepted
   * @param open whether its Gateway takes connections
   */
  List<Condition> conditions(boolean parent, boolean open) {
    if (!accepted.holds()) {
      return List.of(accepted, Say.no(Say.PROGRAMMED, accepted.reason(), "see Accepted"));
    }
    if (!parent) {
      return List.of(
          Say.no(
              Say.ACCEPTED,
              "ParentNotAccepted",
              "%s is not accepted: see its conditions".formatted(gateway)),
          Say.no(Say.PROGRAMMED, "ParentNotProgrammed", "see Accepted"));
    }
    return List.of(
        accepted,
        open
            ? Say.yes(Say.PROGRAMMED, "Programmed", "it takes connections")
            : Say.no(
                Say.PROGRAMMED,
                "ParentNotProgrammed",
                "%s takes no connections yet: see its conditions".formatted(gateway)));
  }
}
