// SPDX-License-Identifier: Apache-2.0
package dev.culvert.policy.resource;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.stream.Stream;

/**
 * The resources of a folder of files. A file is taken wholly or not at all: while it has an error,
 * what it said before stays. Immutable; {@link #with} makes the next state.
 */
public final class ResourceFiles implements Resources {
  private static final ResourceFiles EMPTY = new ResourceFiles(new TreeMap<>());

  private final SortedMap<String, ResourceFile> files;
  private final ResourceIndex inForce;

  private ResourceFiles(SortedMap<String, ResourceFile> files) {
    this.files = files;
    this.inForce =
        new ResourceIndex(
            files.values().stream()
                .flatMap(file -> file.inForce().stream())
                .map(LocatedResource::resource)
                .toList());
  }

  /** No files. */
  public static ResourceFiles empty() {
    return EMPTY;
  }

  /**
   * The state after the folder was read again. What says the same as before is the same object.
   *
   * @param contents all files of the folder by name; one that is gone takes its resources with it
   */
  public ResourceFiles with(Map<String, String> contents) {
    SortedMap<String, ResourceFile> next = new TreeMap<>();
    contents.forEach((name, content) -> next.put(name, file(name, content)));
    Duplicates.resolve(next);
    return new ResourceFiles(next);
  }

  private ResourceFile file(String name, String content) {
    ResourceFile previous = files.get(name);
    if (previous == null) {
      return ResourceFile.first(name, content);
    }
    return previous.next(content);
  }

  /** What is in force, by file name and then as written. */
  public List<Resource> resources() {
    return inForce.all();
  }

  /** What is in force of the kinds that waypoints are told, by file name and then as written. */
  public List<WrittenResource> written() {
    return files.values().stream()
        .flatMap(file -> file.inForce().stream())
        .flatMap(located -> located.written().stream())
        .toList();
  }

  @Override
  public <T extends Resource> Stream<T> resources(Class<T> type) {
    return inForce.resources(type);
  }

  @Override
  public <T extends Resource> Optional<T> find(Class<T> type, String namespace, String name) {
    return inForce.find(type, namespace, name);
  }

  /** Why files are not taken. */
  public List<ResourceError> errors() {
    List<ResourceError> errors = new ArrayList<>();
    files.values().forEach(file -> errors.addAll(file.errors()));
    return List.copyOf(errors);
  }

  /** What has no effect. */
  public List<ResourceNotice> notices() {
    return files.values().stream().flatMap(file -> file.notices().stream()).toList();
  }
}
