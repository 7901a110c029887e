// SPDX-License-Identifier: Apache-2.0
package dev.culvert.perf.bench;

import dev.culvert.perf.bench.door.Door;
import dev.culvert.perf.bench.door.DoorSite;
import dev.culvert.perf.bench.lane.Lane;
import dev.culvert.perf.bench.lane.Lanes;
import dev.culvert.perf.bench.lane.Peer;
import dev.culvert.perf.bench.measure.WarmUp;
import dev.culvert.perf.bench.report.Subject;
import dev.culvert.perf.bench.site.Packages;
import dev.culvert.perf.bench.site.Site;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/**
 * Who is compared with whom, and by what.
 *
 * @param needs the Debian packages of the others
 * @param entrants makes the lanes on a site
 * @param warmUp for a lane that is held
 */
record Contest(
    Subject subject, List<Packages.Need> needs, Entrants entrants, Plan plan, WarmUp warmUp) {
  private static final Packages.Need H2LOAD =
      new Packages.Need("h2load", "nghttp2-client", "measures front doors");

  /** Makes lanes. */
  @FunctionalInterface
  interface Entrants {
    List<Lane> on(Site site) throws IOException;
  }

  static Contest tunnels(List<Peer> peers, boolean quick, int rounds) {
    return new Contest(
        Subject.TUNNELS,
        peers.stream().flatMap(peer -> peer.needs().stream()).toList(),
        site -> Lanes.of(site, peers),
        quick ? Plan.quick() : Plan.full(rounds),
        Plan.WARM);
  }

  static Contest doors(boolean quick, int rounds) throws IOException {
    List<Packages.Need> needs = new ArrayList<>(List.of(H2LOAD));
    needs.addAll(Door.all().stream().flatMap(Contest::needs).toList());
    return new Contest(
        Subject.DOORS,
        needs,
        DoorSite::lanes,
        quick ? Plan.quickDoors() : Plan.doors(rounds),
        Plan.WARM_DOOR);
  }

  private static Stream<Packages.Need> needs(Door door) {
    return door.needs().stream();
  }
}
