// SPDX-License-Identifier: Apache-2.0
package dev.culvert.waypoint.mesh;

import dev.culvert.waypoint.balance.Cluster;
import dev.culvert.waypoint.kept.Piece;
import dev.culvert.waypoint.plan.BackendTls;
import dev.culvert.waypoint.plan.Destination;
import java.util.List;
import java.util.Optional;

/**
 * A port of a service of the mesh.
 *
 * @param tls how TLS is spoken to its endpoints; empty for not at all
 * @param shownBy whose certificate they are shown; empty when they are shown none
 */
record MeshDestination(
    MeshBackends backends,
    MeshBackends.PortKey port,
    Cluster cluster,
    Optional<BackendTls> tls,
    String shownBy)
    implements Piece<Destination> {
  @Override
  public Object about() {
    return List.of(port, tls.isPresent(), shownBy);
  }

  @Override
  public Destination make(List<String> problems) {
    return backends.service(port, cluster, tls);
  }
}
