// SPDX-License-Identifier: Apache-2.0
package dev.culvert.policy.resource;

import java.util.Optional;
import java.util.stream.Stream;

/** What is in force at one moment, whoever told of it. */
public interface Resources {
  /** What is in force of one type. */
  <T extends Resource> Stream<T> resources(Class<T> type);

  /**
   * The first of one type that has this name.
   *
   * @param namespace empty for kinds without namespaces
   */
  default <T extends Resource> Optional<T> find(Class<T> type, String namespace, String name) {
    return resources(type)
        .filter(one -> one.metadata().name().equals(name))
        .filter(one -> one.metadata().namespace().equals(namespace))
        .findFirst();
  }
}
