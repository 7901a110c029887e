// SPDX-License-Identifier: Apache-2.0
package dev.culvert.policy.resource;

import java.util.List;
import java.util.stream.Stream;

/**
 * One file: what it says now, and what it said when it was last taken.
 *
 * @param conflicts why it is not taken although it reads well
 */
record ResourceFile(
    String name,
    String content,
    ParsedFile parsed,
    List<LocatedResource> lastGood,
    List<ResourceError> conflicts) {

  static ResourceFile first(String name, String content) {
    return new ResourceFile(name, content, ParsedFile.parse(name, content), List.of(), List.of());
  }

  /** The file after it was read again; a file that did not change is not parsed again. */
  ResourceFile next(String newContent) {
    ParsedFile next = newContent.equals(content) ? parsed : ParsedFile.parse(name, newContent);
    return new ResourceFile(name, newContent, next, inForce(), List.of());
  }

  boolean isTaken() {
    return parsed.errors().isEmpty() && conflicts.isEmpty();
  }

  List<LocatedResource> inForce() {
    return isTaken() ? parsed.resources() : lastGood;
  }

  boolean hadBefore(ResourceKey key) {
    return lastGood.stream().anyMatch(located -> located.resource().key().equals(key));
  }

  List<ResourceError> errors() {
    return Stream.concat(parsed.errors().stream(), conflicts.stream()).toList();
  }

  List<ResourceNotice> notices() {
    return parsed.notices();
  }

  ResourceFile refused(ResourceError conflict) {
    return new ResourceFile(name, content, parsed, lastGood, List.of(conflict));
  }
}
