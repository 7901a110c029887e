// SPDX-License-Identifier: Apache-2.0
package dev.culvert.waypoint.gateway;

import dev.culvert.policy.resource.Resources;
import dev.culvert.waypoint.kept.Kept;
import dev.culvert.waypoint.route.Backends;
import java.util.List;

/** Finds the backends of resources. */
@FunctionalInterface
public interface BackendSource {
  /**
   * Those that routes of these resources may name.
   *
   * @param kept of the backends of before
   * @param problems to which what has no effect is added
   */
  Backends of(Resources files, Kept kept, List<String> problems);
}
