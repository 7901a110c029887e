// SPDX-License-Identifier: Apache-2.0
package dev.culvert.controlplane.verdict;

import dev.culvert.controlplane.status.Condition;
import dev.culvert.policy.resource.ResourceKey;
import java.util.List;
import java.util.Set;

/**
 * What becomes of a route at one of its parents.
 *
 * @param parent which one, by its place in {@code parentRefs}
 * @param to what the parent is
 * @param controller who says so
 * @param listeners those of a Gateway that it is attached to
 */
record Attachment(
    int parent,
    ResourceKey to,
    String controller,
    List<Condition> conditions,
    Set<String> listeners) {
  Attachment {
    conditions = List.copyOf(conditions);
    listeners = Set.copyOf(listeners);
  }

  /** Whether the parent has it. */
  boolean isAccepted() {
    return conditions.stream().anyMatch(one -> one.type().equals(Say.ACCEPTED) && one.holds());
  }
}
