// SPDX-License-Identifier: Apache-2.0
package dev.culvert.tests.scenario;

import dev.culvert.tests.app.AppConnection;
import dev.culvert.tests.mesh.MeshPod;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.util.Map;
import java.util.TreeMap;

/** Who answers, where each app greets with one letter of its own. */
final class Greetings {
  /** Nobody answered. */
  static final String NOBODY = "";

  private Greetings() {}

  /** The letter of whoever answers a new connection. */
  static String of(MeshPod from, InetSocketAddress to) {
    try (AppConnection connection = from.connect(to)) {
      return connection.receive(1);
    } catch (IOException _) {
      return NOBODY;
    }
  }

  /** How often each answered. */
  static Map<String, Integer> count(MeshPod from, InetSocketAddress to, int connections) {
    Map<String, Integer> counts = new TreeMap<>();
    for (int i = 0; i < connections; i++) {
      counts.merge(of(from, to), 1, Integer::sum);
    }
    return counts;
  }
}
