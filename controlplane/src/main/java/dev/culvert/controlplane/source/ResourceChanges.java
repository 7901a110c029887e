// SPDX-License-Identifier: Apache-2.0
package dev.culvert.controlplane.source;

import dev.culvert.policy.resource.Resource;
import dev.culvert.policy.resource.ResourceError;
import dev.culvert.policy.resource.ResourceKey;
import dev.culvert.policy.resource.ResourceNotice;
import java.util.Collection;
import java.util.List;
import java.util.Map;

/**
 * What is new since the last time.
 *
 * @param put resources that are new or other than before
 * @param texts what was written of those that waypoints are told
 * @param removed names of resources that are not there any more; none is in {@code put}
 * @param errors all that is wrong now: what these said before stays in force
 * @param notices all that has no effect now
 */
public record ResourceChanges(
    Collection<Resource> put,
    Map<ResourceKey, String> texts,
    Collection<ResourceKey> removed,
    List<ResourceError> errors,
    List<ResourceNotice> notices) {
  public ResourceChanges {
    put = List.copyOf(put);
    texts = Map.copyOf(texts);
    removed = List.copyOf(removed);
    errors = List.copyOf(errors);
    notices = List.copyOf(notices);
  }

  /** Of resources that no waypoint is told. */
  public ResourceChanges(
      Collection<Resource> put,
      Collection<ResourceKey> removed,
      List<ResourceError> errors,
      List<ResourceNotice> notices) {
    this(put, Map.of(), removed, errors, notices);
  }
}
