// SPDX-License-Identifier: Apache-2.0
package dev.culvert.waypoint.gateway;

import dev.culvert.policy.resource.ResourceError;
import dev.culvert.policy.resource.ResourceNotice;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Tells what is wrong with the resources, each thing once. On the watch's thread. */
public final class Problems {
  private static final Logger LOG = LoggerFactory.getLogger(Problems.class);

  private Set<String> known = Set.of();

  /** Tells of what is new in these, and of what was told before and is not in them. */
  public void update(
      List<ResourceError> errors, List<ResourceNotice> notices, List<String> others) {
    Set<String> now = new LinkedHashSet<>();
    errors.forEach(error -> now.add(error + " (its last good state stays in force)"));
    notices.forEach(notice -> now.add(notice.toString()));
    now.addAll(others);
    now.stream().filter(text -> !known.contains(text)).forEach(LOG::warn);
    known.stream()
        .filter(text -> !now.contains(text))
        .forEach(text -> LOG.info("solved: {}", text));
    known = now;
  }
}
