// SPDX-License-Identifier: Apache-2.0
package dev.culvert.perf.bench.lane;

import dev.culvert.perf.bench.site.Backend;
import dev.culvert.perf.bench.site.Site;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

/** All lanes of a site. */
public final class Lanes {
  private Lanes() {}

  /**
   * Direct first, then Culvert, then the peers. Starts the mesh and the servers that are measured
   * through.
   */
  public static List<Lane> of(Site site, List<Peer> peers) throws IOException {
    new Backend(site.plainServer()).start();
    List<Lane> lanes = new ArrayList<>();
    lanes.add(new DirectLane(site));
    lanes.addAll(CulvertLane.of(Mesh.start(site)));
    for (Peer peer : peers) {
      lanes.add(new PeerLane(peer, site));
    }
    return List.copyOf(lanes);
  }
}
