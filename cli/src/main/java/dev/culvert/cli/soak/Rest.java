// SPDX-License-Identifier: Apache-2.0
package dev.culvert.cli.soak;

import dev.culvert.cli.lab.Await;
import dev.culvert.cli.lab.LabProcess;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** What the proxies hold without load must be what they held before it. */
final class Rest {
  /** Longer than the longest of tunnels that nobody uses. */
  private static final Duration PATIENCE = Duration.ofSeconds(60);

  /** A pod more, a poll in progress, an address book that was opened late. */
  private static final int ROOM = 16;

  private final Map<String, Integer> before = new TreeMap<>();

  /** Looks at the proxies, which live as long as the soak. */
  Rest(Map<String, LabProcess> daemons) throws IOException {
    for (Map.Entry<String, LabProcess> daemon : daemons.entrySet()) {
      if (daemon.getKey().startsWith("ztunnel")) {
        before.put(daemon.getKey(), Curves.descriptors(daemon.getValue()));
      }
    }
  }

  /** What does not come back, and who does not live. */
  List<String> troubles(Map<String, LabProcess> daemons) throws IOException {
    List<String> troubles = new ArrayList<>();
    daemons.values().stream()
        .filter(daemon -> !daemon.isAlive())
        .forEach(daemon -> troubles.add(daemon.name() + " ended by itself"));
    for (Map.Entry<String, Integer> one : before.entrySet()) {
      int most = one.getValue() + ROOM;
      LabProcess proxy = daemons.get(one.getKey());
      if (!proxy.isAlive()) {
        continue;
      }
      try {
        Await.until("descriptors come back", PATIENCE, () -> Curves.descriptors(proxy) <= most);
      } catch (IOException e) {
        troubles.add(
            "%s: %d descriptors at rest, %d before the load"
                .formatted(one.getKey(), Curves.descriptors(proxy), one.getValue()));
      }
    }
    return troubles;
  }
}
