// SPDX-License-Identifier: Apache-2.0
package dev.culvert.perf.bench.door;

import dev.culvert.perf.bench.lane.Certificates;
import dev.culvert.perf.bench.lane.Lane;
import dev.culvert.perf.bench.site.Backend;
import dev.culvert.perf.bench.site.Endpoint;
import dev.culvert.perf.bench.site.Service;
import dev.culvert.perf.bench.site.Side;
import dev.culvert.perf.bench.site.Site;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * Where doors stand: alone on the server's side, between the load and what answers it.
 *
 * @param certificates of every door, for the name {@code bench.peer}
 */
public record DoorSite(Site site, Certificates certificates) {

  /** Culvert first, then the others. Starts the server behind the doors. */
  public static List<Lane> lanes(Site site) throws IOException {
    new Backend(site.plainClient()).start();
    Path tls = site.lab().layout().directory().resolve("doors").resolve("tls");
    DoorSite doors = new DoorSite(site, Certificates.make(tls, site.plainServer()));
    List<Lane> lanes = new ArrayList<>(GatewayLane.of(doors));
    for (Door door : Door.all()) {
      lanes.add(new DoorLane(door, doors));
    }
    return List.copyOf(lanes);
  }

  Side client() {
    return site.plainClient();
  }

  Side server() {
    return site.plainServer();
  }

  Endpoint backend() {
    return new Endpoint(client().address(), Service.HTTP.port());
  }

  Path folder(String name) throws IOException {
    return Files.createDirectories(site.lab().layout().directory().resolve("doors").resolve(name));
  }
}
