// SPDX-License-Identifier: Apache-2.0
package dev.culvert.policy.resource;

import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;

/**
 * Refuses files that define what another file defines already: the one that had it before keeps it,
 * else the first by name. A refused file falls back to what it said before, which may collide in
 * turn, so this repeats; the state before had no duplicates, so it ends. What only stands in for a
 * policy gives way to any other.
 */
final class Duplicates {
  private final SortedMap<String, ResourceFile> files;

  private record Holder(ResourceFile file, LocatedResource located) {}

  private Duplicates(SortedMap<String, ResourceFile> files) {
    this.files = files;
  }

  static void resolve(SortedMap<String, ResourceFile> files) {
    Duplicates duplicates = new Duplicates(files);
    Optional<ResourceFile> refused = duplicates.refuseOne();
    while (refused.isPresent()) {
      files.put(refused.get().name(), refused.get());
      refused = duplicates.refuseOne();
    }
  }

  private Optional<ResourceFile> refuseOne() {
    Map<ResourceKey, Holder> holders = new HashMap<>();
    for (ResourceFile file : files.values()) {
      for (LocatedResource located : file.inForce()) {
        Holder second = new Holder(file, located);
        Holder first = holders.putIfAbsent(located.resource().key(), second);
        if (first != null) {
          return Optional.of(refuse(first, second));
        }
      }
    }
    return Optional.empty();
  }

  private static ResourceFile refuse(Holder first, Holder second) {
    if (second.file().standsIn()) {
      return second.file().without(second.located());
    }
    if (first.file().standsIn()) {
      return first.file().without(first.located());
    }
    return mustKeep(second) && !mustKeep(first) ? refused(first, second) : refused(second, first);
  }

  private static boolean mustKeep(Holder holder) {
    return !holder.file().isTaken() || holder.file().hadBefore(holder.located().resource().key());
  }

  private static ResourceFile refused(Holder loser, Holder keeper) {
    String problem =
        "%s is defined in %s already, on line %d"
            .formatted(
                keeper.located().resource().key(), keeper.file().name(), keeper.located().line());
    return loser
        .file()
        .refused(
            new ResourceError(
                loser.file().name(),
                loser.located().document(),
                "",
                loser.located().line(),
                problem,
                "keep it in one of the files"));
  }
}
