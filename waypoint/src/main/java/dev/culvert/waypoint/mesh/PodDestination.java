// SPDX-License-Identifier: Apache-2.0
package dev.culvert.waypoint.mesh;

import dev.culvert.waypoint.kept.Piece;
import dev.culvert.waypoint.plan.Destination;
import java.util.List;

/** A port of a pod that is asked for itself. */
record PodDestination(MeshBackends backends, Asked.OfPod asked) implements Piece<Destination> {
  @Override
  public Object about() {
    return List.of(asked.pod().uid(), asked.address());
  }

  @Override
  public Destination make(List<String> problems) {
    return backends.of(asked);
  }
}
