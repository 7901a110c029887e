// SPDX-License-Identifier: Apache-2.0
package dev.culvert.cli.soak;

import dev.culvert.cli.lab.LabMesh;
import dev.culvert.cli.lab.LabNode;
import dev.culvert.cli.lab.LabProcess;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;

/**
 * The nodes' ztunnels: of each node the newest, and those before it, which end when their last
 * connection has. Changed by one thread, looked at by any.
 */
final class Proxies {
  /** After the end of all load; as the descriptors of those that stay. */
  private static final Duration LAST_ENDS = Duration.ofSeconds(60);

  /**
   * One of them.
   *
   * @param turn how many were before it on its node
   */
  record Proxy(LabNode node, int turn, LabProcess process) {
    /** What it knows. */
    String dump() throws IOException {
      return LabMesh.dump(node, turn);
    }
  }

  private final LabMesh daemons;
  private final Map<String, String> settings;
  private final Map<LabNode, Proxy> newest = new ConcurrentHashMap<>();
  private final List<Proxy> before = new CopyOnWriteArrayList<>();

  Proxies(LabMesh daemons, Map<String, String> settings) {
    this.daemons = daemons;
    this.settings = Map.copyOf(settings);
  }

  /** Starts a node's first. */
  void start(LabNode node) throws IOException {
    newest.put(node, launch(node, 0));
  }

  /** As Kubernetes does it: the next is ready before the one that runs is told to end. */
  void upgrade(LabNode node) throws IOException {
    Proxy old = newest.get(node);
    newest.put(node, launch(node, old.turn() + 1));
    before.add(old);
    old.process().end();
  }

  private Proxy launch(LabNode node, int turn) throws IOException {
    LabProcess process = daemons.startZtunnel(node, turn, settings);
    daemons.awaitZtunnel(node, turn, process);
    return new Proxy(node, turn, process);
  }

  /** The newest of each node. */
  List<Proxy> newest() {
    return List.copyOf(newest.values());
  }

  /** Every one that was ever started. */
  List<Proxy> all() {
    List<Proxy> all = new ArrayList<>(before);
    all.addAll(newest.values());
    return all;
  }

  /** Those that were told to end and have not, though nothing is open any more, or ended badly. */
  List<String> troubles() {
    List<String> troubles = new ArrayList<>();
    for (Proxy proxy : before) {
      try {
        int code = proxy.process().exitCode(LAST_ENDS);
        if (code != 0) {
          troubles.add("%s ended with %d".formatted(proxy.process().name(), code));
        }
      } catch (IOException e) {
        troubles.add(e.getMessage() + " after its last connection");
      }
    }
    return troubles;
  }
}
