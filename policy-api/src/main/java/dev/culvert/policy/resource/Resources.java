// SPDX-License-Identifier: Apache-2.0
package dev.culvert.policy.resource;

import java.util.stream.Stream;

/** What is in force at one moment, whoever told of it. */
public interface Resources {
  /** What is in force of one type. */
  <T extends Resource> Stream<T> resources(Class<T> type);
}
