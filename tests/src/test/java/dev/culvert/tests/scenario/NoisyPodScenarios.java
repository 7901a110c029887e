// SPDX-License-Identifier: Apache-2.0
package dev.culvert.tests.scenario;

import static org.assertj.core.api.Assertions.assertThat;

import dev.culvert.tests.app.AppConnection;
import dev.culvert.tests.app.AppServer;
import dev.culvert.tests.app.Services;
import dev.culvert.tests.mesh.Mesh;
import dev.culvert.tests.mesh.MeshPod;
import java.net.InetSocketAddress;
import org.junit.jupiter.api.Test;

/**
 * A pod whose sockets are always ready, on the event loops that the pods beside it need too. It
 * does not stop before they have what they want: who gets no turn waits for ever.
 */
abstract class NoisyPodScenarios {
  /** More than there are loops, so that each has several. */
  private static final int CONNECTIONS = 12;

  private static final int ROUND_TRIPS = 20;

  private final Mesh mesh;

  NoisyPodScenarios(Mesh mesh) {
    this.mesh = mesh;
  }

  /** Both ways go through the same two ztunnels, and through no pod twice. */
  @Test
  void podThatSendsWithoutEndLeavesOthersTheirTurns() throws Exception {
    int port = mesh.nextPort();
    MeshPod quiet = mesh.neighbour();
    InetSocketAddress far = new InetSocketAddress(mesh.serverWithoutV4().v6(), port);
    try (AppServer _ = mesh.server().serve(port, Services.discard());
        AppServer _ = mesh.serverWithoutV4().serve(port, Services.echo());
        AppConnection before = quiet.connect(far)) {
      assertThat(before.echo("before")).isEqualTo("before");
      try (Noise noise = Noise.of(mesh.client(), mesh.server().at(port), CONNECTIONS)) {
        noise.awaitMore();
        for (int i = 0; i < ROUND_TRIPS; i++) {
          assertThat(before.echo("round trip")).isEqualTo("round trip");
        }
        try (AppConnection another = quiet.connect(far)) {
          assertThat(another.echo("beside it")).isEqualTo("beside it");
        }
        noise.awaitMore();
      }
    }
  }
}
