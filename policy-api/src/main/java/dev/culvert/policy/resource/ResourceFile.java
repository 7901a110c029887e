// SPDX-License-Identifier: Apache-2.0
package dev.culvert.policy.resource;

import java.util.List;
import java.util.function.Function;
import java.util.stream.Stream;

/**
 * One file: what it says now, and what it said when it was last taken.
 *
 * @param lastGood while it was never taken, what stands in for its policies
 * @param wasTaken whether it was taken before
 * @param conflicts why it is not taken although it reads well
 */
record ResourceFile(
    String name,
    String content,
    ParsedFile parsed,
    List<LocatedResource> lastGood,
    boolean wasTaken,
    List<ResourceError> conflicts) {

  static ResourceFile first(String name, String content) {
    ParsedFile parsed = ParsedFile.parse(name, content);
    List<LocatedResource> standIns = parsed.errors().isEmpty() ? List.of() : parsed.standIns();
    return new ResourceFile(name, content, parsed, standIns, false, List.of());
  }

  /** The file after it was read again; a file that did not change is not parsed again. */
  ResourceFile next(String newContent) {
    ParsedFile next =
        newContent.equals(content) ? parsed : ParsedFile.parse(name, newContent).keeping(inForce());
    boolean taken = wasTaken || isTaken();
    boolean standsIn = !taken && !next.errors().isEmpty();
    List<LocatedResource> before = standsIn ? next.standIns() : inForce();
    return new ResourceFile(name, newContent, next, before, taken, List.of());
  }

  boolean isTaken() {
    return parsed.errors().isEmpty() && conflicts.isEmpty();
  }

  List<LocatedResource> inForce() {
    return isTaken() ? parsed.resources() : lastGood;
  }

  /** Whether what is in force of it only stands in for policies of which nothing good is known. */
  boolean standsIn() {
    return !isTaken() && !wasTaken;
  }

  boolean hadBefore(ResourceKey key) {
    return lastGood.stream().anyMatch(located -> located.resource().key().equals(key));
  }

  List<ResourceError> errors() {
    return Stream.concat(parsed.errors().stream(), conflicts.stream()).toList();
  }

  List<ResourceNotice> notices() {
    return standsIn()
        ? Stream.of(parsed.notices().stream(), parsed.lost().stream(), closed())
            .flatMap(Function.identity())
            .toList()
        : parsed.notices();
  }

  /** Of those of its policies that are closed, those that no sound one took the place of. */
  private Stream<ResourceNotice> closed() {
    return lastGood.stream()
        .filter(one -> parsed.closed().contains(one.resource().key()))
        .map(one -> ResourceNotice.closed(name, one));
  }

  ResourceFile refused(ResourceError conflict) {
    return new ResourceFile(name, content, parsed, lastGood, wasTaken, List.of(conflict));
  }

  /** As it is without one of its stand-ins. */
  ResourceFile without(LocatedResource standIn) {
    List<LocatedResource> left = lastGood.stream().filter(one -> !one.sameKey(standIn)).toList();
    return new ResourceFile(name, content, parsed, left, wasTaken, conflicts);
  }
}
