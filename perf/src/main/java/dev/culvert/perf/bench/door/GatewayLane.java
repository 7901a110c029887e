// SPDX-License-Identifier: Apache-2.0
package dev.culvert.perf.bench.door;

import dev.culvert.cli.lab.JavaCommand;
import dev.culvert.cli.lab.LabMesh;
import dev.culvert.cli.lab.LabProcess;
import dev.culvert.perf.bench.lane.Lane;
import dev.culvert.perf.bench.lane.OpenLane;
import dev.culvert.perf.bench.site.Side;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Culvert's gateway, with one event loop and ten routes.
 *
 * @param folder of its YAML
 * @param token of the bearers, where policies are compared
 */
record GatewayLane(
    DoorSite site, String name, String title, Path folder, Optional<BenchToken> token)
    implements Lane {
  private static final int ROUTES = 10;
  private static final String PLAIN = "culvert";
  private static final String POLICIES = "culvert-policies";

  static List<Lane> of(DoorSite site) throws IOException {
    BenchToken token = BenchToken.make();
    Path folder = written(site, POLICIES);
    new PolicyResources(token, new GatewayResources(site).service("resilient")).write(folder);
    return List.of(
        new GatewayLane(site, PLAIN, "Culvert", written(site, PLAIN), Optional.empty()),
        new GatewayLane(site, POLICIES, "Culvert, policies", folder, Optional.of(token)));
  }

  private static Path written(DoorSite site, String name) throws IOException {
    Path folder = site.folder(name);
    Files.writeString(folder.resolve("door.yaml"), new GatewayResources(site).door());
    Files.writeString(folder.resolve("plain.yaml"), GatewayResources.routes("door", ROUTES));
    return folder;
  }

  @Override
  public Map<String, String> facts() {
    return Map.of(
        "software",
        "Culvert, this checkout, on Java " + Runtime.version(),
        "linked ahead of time",
        JavaCommand.isLinkedAhead("gateway") ? "yes" : "no",
        "tls",
        "BoringSSL (netty-tcnative)");
  }

  @Override
  public OpenLane open() throws IOException {
    long begin = System.nanoTime();
    Side server = site.server();
    LabProcess process =
        new LabMesh(site.site().lab(), Side.onCore(server.core(), List.of()))
            .startGateway(server.place(), folder, settings());
    return token.isPresent()
        ? PolicyEntrance.await(site, process, token.get().text())
        : Entrance.await(site, process, begin);
  }

  /** Spans are sent where policies are compared, to the server behind the door. */
  private Map<String, String> settings() {
    Map<String, String> settings = new HashMap<>(Map.of("workers", "1"));
    if (token.isPresent()) {
      settings.put("trace-endpoint", "http://%s/v1/traces".formatted(site.backend()));
      settings.put("trace-sampling", "0");
    }
    return settings;
  }
}
