// SPDX-License-Identifier: Apache-2.0
package dev.culvert.controlplane.discovery;

import java.util.ArrayList;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * A generation of a set, and which names changed in the last ones, so that whoever knows one of
 * those need not look at all names. Immutable.
 */
@SuppressWarnings("ReferenceEquality") // a generation is the same as none but itself
final class RecentChanges {
  /** At 50 changes a second, a proxy may be more than a second behind. */
  private static final int GENERATIONS = 64;

  /** What changes more at once is found as fast by comparing shards. */
  private static final int MOST_NAMES = 4096;

  private final Object generation = new Object();
  private final List<Step> newest;

  /**
   * @param before the generation that these names changed after
   */
  private record Step(Object before, List<String> names) {}

  private RecentChanges(List<Step> newest) {
    this.newest = newest;
  }

  static RecentChanges none() {
    return new RecentChanges(List.of());
  }

  /** The next generation. */
  RecentChanges then(Collection<String> names) {
    if (names.size() > MOST_NAMES) {
      return none();
    }
    List<Step> next = new ArrayList<>();
    next.add(new Step(generation, List.copyOf(names)));
    next.addAll(newest.subList(0, Math.min(newest.size(), GENERATIONS - 1)));
    return new RecentChanges(List.copyOf(next));
  }

  /** The names that changed after a generation; empty when it is none of the last ones. */
  Optional<Set<String>> since(RecentChanges known) {
    Set<String> names = new HashSet<>();
    if (known.generation == generation) {
      return Optional.of(names);
    }
    for (Step step : newest) {
      names.addAll(step.names());
      if (step.before() == known.generation) {
        return Optional.of(names);
      }
    }
    return Optional.empty();
  }
}
