// SPDX-License-Identifier: Apache-2.0
package dev.culvert.perf.bench.measure;

import dev.culvert.perf.bench.lane.AddedPolicy;
import dev.culvert.perf.bench.lane.OpenLane;
import dev.culvert.perf.bench.lane.Wire;
import dev.culvert.perf.bench.site.Endpoint;
import dev.culvert.perf.bench.site.Proxies;
import dev.culvert.perf.bench.site.Service;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/**
 * The door's processor time for a request with a policy, as a share of the same without: both ways
 * are open in one process and take turns, so that what the machine does meanwhile falls on both.
 *
 * @param turns of each way
 * @param seconds of a turn
 */
public record PolicyCost(AddedPolicy policy, int turns, int seconds) implements Measurement {
  private static final int CONNECTIONS = 64;
  private static final double PERCENT = 100;

  @Override
  public String title() {
    return "cost of " + policy.key();
  }

  @Override
  public boolean appliesTo(OpenLane lane) {
    return lane.door(policy).isPresent();
  }

  @Override
  public void run(OpenLane lane, Figures figures) throws IOException {
    Endpoint plain = lane.to(Service.HTTP);
    Endpoint with = lane.door(policy).orElseThrow();
    List<Double> shares = new ArrayList<>();
    for (int turn = 0; turn < turns; turn++) {
      boolean plainFirst = turn % 2 == 0;
      double first = plainFirst ? cost(lane, plain, false) : cost(lane, with, true);
      double second = plainFirst ? cost(lane, with, true) : cost(lane, plain, false);
      shares.add(plainFirst ? second / first : first / second);
    }
    figures.add(Metric.valueOf("COST_" + policy), PERCENT * middle(shares));
  }

  private static double middle(List<Double> shares) {
    List<Double> sorted = shares.stream().sorted().toList();
    int half = sorted.size() / 2;
    return sorted.size() % 2 == 1
        ? sorted.get(half)
        : (sorted.get(half - 1) + sorted.get(half)) / 2;
  }

  /** Seconds of the door's processor for a request. */
  private double cost(OpenLane lane, Endpoint door, boolean with) throws IOException {
    Proxies proxies = lane.proxies().orElseThrow();
    Duration before = proxies.cpu();
    RequestReport report =
        new H2load(Wire.H1, CONNECTIONS, 1, seconds, 0, policy.headers(lane.token(), with))
            .load(lane, door);
    if (report.failed()) {
      throw new IOException(
          "%s: %d were answered and %d failed"
              .formatted(policy.key(), report.requests(), report.errors()));
    }
    return proxies.cpu().minus(before).toMillis() / 1e3 / report.requests();
  }
}
