// SPDX-License-Identifier: Apache-2.0
package dev.culvert.perf.bench.door;

import dev.culvert.cli.lab.LabMesh;
import dev.culvert.cli.lab.LabProcess;
import dev.culvert.perf.bench.lane.Lane;
import dev.culvert.perf.bench.lane.OpenLane;
import dev.culvert.perf.bench.site.Side;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;

/** Culvert's gateway, with one event loop. */
final class GatewayLane implements Lane {
  private static final int MANY = 10_000;

  private final DoorSite site;
  private final String name;
  private final String title;
  private final Path folder;

  private GatewayLane(DoorSite site, String name, String title, int routes) throws IOException {
    this.site = site;
    this.name = name;
    this.title = title;
    this.folder = site.folder(name);
    GatewayResources resources = new GatewayResources(site);
    Files.writeString(folder.resolve("door.yaml"), resources.door());
    Files.writeString(folder.resolve("routes.yaml"), GatewayResources.routes(routes));
  }

  static List<Lane> of(DoorSite site) throws IOException {
    return List.of(
        new GatewayLane(site, "culvert", "Culvert, 10 routes", 10),
        new GatewayLane(site, "culvert-routes", "Culvert, 10,000 routes", MANY));
  }

  @Override
  public String name() {
    return name;
  }

  @Override
  public String title() {
    return title;
  }

  @Override
  public Map<String, String> facts() {
    return Map.of(
        "software",
        "Culvert, this checkout, on Java " + Runtime.version(),
        "tls",
        "BoringSSL (netty-tcnative)");
  }

  @Override
  public OpenLane open() throws IOException {
    long begin = System.nanoTime();
    Side server = site.server();
    LabProcess process =
        new LabMesh(site.site().lab(), Side.onCore(server.core(), List.of()))
            .startGateway(server.place(), folder, Map.of("workers", "1"));
    return Entrance.await(site.client(), server, process, begin);
  }
}
