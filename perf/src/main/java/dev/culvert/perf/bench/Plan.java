// SPDX-License-Identifier: Apache-2.0
package dev.culvert.perf.bench;

import dev.culvert.perf.bench.lane.AddedPolicy;
import dev.culvert.perf.bench.lane.Wire;
import dev.culvert.perf.bench.measure.Bulk;
import dev.culvert.perf.bench.measure.DoorLatency;
import dev.culvert.perf.bench.measure.DoorRequests;
import dev.culvert.perf.bench.measure.Enrolment;
import dev.culvert.perf.bench.measure.IdleMemory;
import dev.culvert.perf.bench.measure.KeptConnections;
import dev.culvert.perf.bench.measure.Measurement;
import dev.culvert.perf.bench.measure.NewConnections;
import dev.culvert.perf.bench.measure.OpenConnections;
import dev.culvert.perf.bench.measure.PolicyCost;
import dev.culvert.perf.bench.measure.RoundTrip;
import dev.culvert.perf.bench.measure.WarmUp;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/**
 * How much is measured.
 *
 * @param rounds how often each lane is opened and measured
 * @param measurements what a round does with each lane, in this order
 * @param patience how long a run waits for a quiet machine
 */
record Plan(int rounds, List<Measurement> measurements, Duration patience) {
  private static final int LONG = 4;

  /** The JVM looks each ten seconds what memory of its start it can give back. */
  private static final int REST = 15;

  /** Two minutes are enough for a JVM whose compilers share a core with all else. */
  static final WarmUp WARM = WarmUp.tunnels(3, 9, 64, 8, 1);

  static final WarmUp WARM_DOOR = WarmUp.doors(3, 6);

  /** Of a door with a policy, and of one without: the middle of so many differences. */
  private static final int TURNS = 5;

  private static final WarmUp LUKEWARM = WarmUp.brief(3, 64);

  /** Done within three minutes: it shows the picture, its last digits mean little. */
  static Plan quick() {
    return new Plan(
        1,
        List.of(
            new IdleMemory(0),
            LUKEWARM,
            new Bulk(1, 1, 0),
            new Bulk(8, 1, 0),
            new Bulk(64, 1, 0),
            new RoundTrip(64, 1),
            new KeptConnections(64, 1),
            new NewConnections(1),
            new OpenConnections(1000, true),
            new Enrolment()),
        Duration.ofMillis(500));
  }

  /** What a report is made of. */
  static Plan full(int rounds) {
    return new Plan(
        rounds,
        List.of(
            new IdleMemory(REST),
            WARM,
            new Bulk(1, LONG, 1),
            new Bulk(8, LONG, 1),
            new Bulk(64, LONG, 1),
            new RoundTrip(64, LONG),
            new RoundTrip(1024, LONG),
            new KeptConnections(64, LONG),
            new KeptConnections(1024, LONG),
            new NewConnections(LONG),
            new OpenConnections(1000, false),
            new OpenConnections(10_000, true),
            new Enrolment()),
        Duration.ofSeconds(20));
  }

  /** The same of front doors. */
  static Plan quickDoors() {
    return new Plan(1, doors(WarmUp.doors(1, 3), 1, 0, 1), Duration.ofMillis(500));
  }

  /** What a report on front doors is made of. */
  static Plan doors(int rounds) {
    return new Plan(rounds, doors(WARM_DOOR, 3, REST, TURNS), Duration.ofSeconds(20));
  }

  private static List<Measurement> doors(WarmUp warmUp, int seconds, int rest, int turns) {
    List<Measurement> all = new ArrayList<>(List.of(new IdleMemory(rest), warmUp));
    for (Wire wire : Wire.values()) {
      all.add(new DoorRequests(wire, seconds));
    }
    for (Wire wire : Wire.values()) {
      all.add(new DoorLatency(wire, seconds));
    }
    all.add(new NewConnections(seconds));
    for (AddedPolicy policy : AddedPolicy.values()) {
      all.add(new PolicyCost(policy, turns, 1));
    }
    return List.copyOf(all);
  }
}
