// SPDX-License-Identifier: Apache-2.0
package dev.culvert.policy.resource;

import java.time.Instant;
import java.util.Map;
import java.util.Optional;

/**
 * What every resource has.
 *
 * @param namespace {@code default} when not written; empty for kinds without namespaces
 * @param uid {@code NAMESPACE/NAME} when not written
 */
public record ObjectMeta(
    String namespace,
    String name,
    String uid,
    Map<String, String> labels,
    Map<String, String> annotations,
    Optional<Instant> creationTimestamp) {

  public ObjectMeta {
    labels = Map.copyOf(labels);
    annotations = Map.copyOf(annotations);
  }

  /** The value of a label, if it is set. */
  public Optional<String> label(String key) {
    return Optional.ofNullable(labels.get(key));
  }

  /** The value of an annotation, if it is set. */
  public Optional<String> annotation(String key) {
    return Optional.ofNullable(annotations.get(key));
  }
}
