// SPDX-License-Identifier: Apache-2.0
package dev.culvert.perf.bench.door;

import dev.culvert.cli.lab.LabProcess;
import dev.culvert.perf.bench.lane.OpenLane;
import dev.culvert.perf.bench.lane.Wire;
import dev.culvert.perf.bench.site.Endpoint;
import dev.culvert.perf.bench.site.Listening;
import dev.culvert.perf.bench.site.Proxies;
import dev.culvert.perf.bench.site.Service;
import dev.culvert.perf.bench.site.Side;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/**
 * A door that is open: it has the server's core for itself; the load, and what answers behind the
 * door, share the client's.
 */
record Entrance(DoorSite site, LabProcess door, Duration startedIn) implements OpenLane {
  private static final Duration END = Duration.ofSeconds(5);

  /** Waits until the process takes connections of every kind. */
  static Entrance await(DoorSite site, LabProcess door, long begin) throws IOException {
    for (Wire wire : Wire.values()) {
      Listening.await(site.server().place(), door, wire.port());
    }
    return new Entrance(site, door, Duration.ofNanos(System.nanoTime() - begin));
  }

  @Override
  public Side client() {
    return site.client();
  }

  @Override
  public Side server() {
    return site.server();
  }

  @Override
  public Endpoint to(Service service) {
    return new Endpoint(server().address(), Wire.H1.port());
  }

  @Override
  public Optional<Endpoint> door(Wire wire) {
    return Optional.of(new Endpoint(server().address(), wire.port()));
  }

  @Override
  public Optional<Path> certificates() {
    return Optional.of(site.certificates().folder());
  }

  @Override
  public Optional<Proxies> proxies() {
    return Optional.of(new Proxies(List.of(door.pid())));
  }

  @Override
  public Optional<Duration> startUp() {
    return Optional.of(startedIn);
  }

  @Override
  public void close() throws IOException {
    door.terminate(END);
  }
}
