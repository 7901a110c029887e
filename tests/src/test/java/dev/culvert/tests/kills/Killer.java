// SPDX-License-Identifier: Apache-2.0
package dev.culvert.tests.kills;

import dev.culvert.tests.mesh.Mesh;
import dev.culvert.tests.mesh.MeshPod;
import dev.culvert.tests.mesh.MeshProcess;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.concurrent.locks.LockSupport;

/** Kills processes of a mesh in rounds of all of them, in an order that the seed says. */
final class Killer {
  /** What comes between a death and the next start, as a kubelet would need. */
  private static final int LONGEST_ABSENCE_MS = 1_500;

  private static final int LONGEST_PEACE_MS = 1_000;

  private final Outages outages;
  private final Random random;
  private final List<Victim> victims;
  private final Map<String, Integer> kills = new TreeMap<>();

  /** A process; {@code node} is empty for those whose absence explains nothing. */
  private record Victim(String name, String node, MeshProcess process) {}

  Killer(Mesh mesh, Outages outages, long seed) {
    this.outages = outages;
    this.random = new Random(seed);
    this.victims = new ArrayList<>();
    victims.add(new Victim("controlplane", "", mesh.processes().controlPlane()));
    add(mesh, Mesh.NODE_1, mesh.client());
    add(mesh, Mesh.NODE_2, mesh.server());
  }

  private void add(Mesh mesh, String node, MeshPod pod) {
    victims.add(new Victim("agent of " + node, "", mesh.processes().agentOf(pod)));
    victims.add(new Victim("ztunnel of " + node, node, mesh.processes().ztunnelOf(pod)));
  }

  /** Goes on for that time, and to the end of the round. */
  void run(Duration time) throws IOException {
    long end = System.nanoTime() + time.toNanos();
    while (System.nanoTime() < end) {
      Collections.shuffle(victims, random);
      for (Victim victim : victims) {
        kill(victim);
        peace(LONGEST_PEACE_MS);
      }
    }
  }

  private void kill(Victim victim) throws IOException {
    outages.begin(victim.node());
    victim.process().kill();
    peace(LONGEST_ABSENCE_MS);
    victim.process().start();
    victim.process().awaitReady();
    outages.end(victim.node());
    kills.merge(victim.name(), 1, Integer::sum);
  }

  private void peace(int longest) {
    LockSupport.parkNanos(Duration.ofMillis(random.nextInt(longest)).toNanos());
  }

  /** How often each died. */
  Map<String, Integer> kills() {
    return kills;
  }
}
