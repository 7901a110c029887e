// SPDX-License-Identifier: Apache-2.0
package dev.culvert.perf.bench.door;

import dev.culvert.cli.lab.LabProcess;
import dev.culvert.perf.bench.lane.AddedPolicy;
import dev.culvert.perf.bench.lane.OpenLane;
import dev.culvert.perf.bench.lane.Wire;
import dev.culvert.perf.bench.site.Endpoint;
import dev.culvert.perf.bench.site.Listening;
import dev.culvert.perf.bench.site.Proxies;
import dev.culvert.perf.bench.site.Service;
import dev.culvert.perf.bench.site.Side;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/** One process with a door for each policy, and one without any. */
record PolicyEntrance(DoorSite site, LabProcess process, String token) implements OpenLane {
  private static final Duration END = Duration.ofSeconds(5);

  /** Waits until every door is open. */
  static PolicyEntrance await(DoorSite site, LabProcess process, String token) throws IOException {
    Listening.await(site.server().place(), process, Wire.H1.port());
    for (AddedPolicy policy : AddedPolicy.values()) {
      Listening.await(site.server().place(), process, policy.port());
    }
    return new PolicyEntrance(site, process, token);
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
  public Optional<Endpoint> door(AddedPolicy policy) {
    return Optional.of(new Endpoint(server().address(), policy.port()));
  }

  @Override
  public Optional<Proxies> proxies() {
    return Optional.of(new Proxies(List.of(process.pid())));
  }

  @Override
  public Optional<Duration> startUp() {
    return Optional.empty();
  }

  @Override
  public void close() throws IOException {
    process.terminate(END);
  }
}
