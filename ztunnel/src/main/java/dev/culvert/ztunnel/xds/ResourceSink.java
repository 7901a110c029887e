// SPDX-License-Identifier: Apache-2.0
package dev.culvert.ztunnel.xds;

import dev.culvert.policy.wire.discovery.Resource;
import java.util.List;

/** Takes the resources of one type. Called on the xDS thread, one response at a time. */
public interface ResourceSink {
  /**
   * One resource that cannot be used.
   *
   * @param name as the control plane names it
   * @param problem what is wrong with it
   */
  record Rejected(String name, String problem) {
    @Override
    public String toString() {
      return name + ": " + problem;
    }
  }

  /**
   * Applies the good ones, all at once; the state of a rejected one stays as it was.
   *
   * @param removed names that are gone; unknown ones mean nothing
   * @return those that were not applied
   */
  List<Rejected> apply(List<Resource> resources, List<String> removed);
}
