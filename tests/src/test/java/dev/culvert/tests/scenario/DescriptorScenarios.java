// SPDX-License-Identifier: Apache-2.0
package dev.culvert.tests.scenario;

import static org.assertj.core.api.Assertions.assertThat;

import dev.culvert.tests.app.AppConnection;
import dev.culvert.tests.app.AppServer;
import dev.culvert.tests.app.Services;
import dev.culvert.tests.mesh.Await;
import dev.culvert.tests.mesh.Mesh;
import dev.culvert.tests.mesh.MeshPod;
import dev.culvert.tests.mesh.MeshProcess;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;

/** What is left open in the proxies after many connections: nothing. */
abstract class DescriptorScenarios {
  private static final int CONNECTIONS = 10_000;
  private static final int AT_ONCE = 20;

  /** To one destination, of each of two event loops: congestion may have dialled another. */
  private static final int TUNNELS = 2 * 4;

  private final Mesh mesh;

  DescriptorScenarios(Mesh mesh) {
    this.mesh = mesh;
  }

  @Test
  void tenThousandTunnelledConnectionsLeaveNone() throws Exception {
    leaveNone(mesh.server());
  }

  @Test
  void tenThousandConnectionsToANeighbourLeaveNone() throws Exception {
    leaveNone(mesh.neighbour());
  }

  @Test
  void tenThousandConnectionsOutOfTheMeshLeaveNone() throws Exception {
    leaveNone(mesh.uncapturedServer());
  }

  private void leaveNone(MeshPod server) throws Exception {
    MeshProcess source = mesh.processes().ztunnelOf(mesh.client());
    MeshProcess destination = mesh.processes().ztunnelOf(server);
    int port = mesh.nextPort();
    try (AppServer app = server.serve(port, Services.echo())) {
      // The tunnels, and what a JVM opens when it first does something.
      connect(server, port, 10 * AT_ONCE);
      long sourceBefore = source.settledDescriptors();
      long destinationBefore = destination.settledDescriptors();
      connect(server, port, CONNECTIONS);
      source.awaitDescriptors(sourceBefore + TUNNELS);
      destination.awaitDescriptors(destinationBefore + TUNNELS);
      Await.until("the app has none open", () -> app.open() == 0);
    }
  }

  private void connect(MeshPod server, int port, int count) throws Exception {
    Callable<Void> some =
        () -> {
          for (int i = 0; i < count / AT_ONCE; i++) {
            echoOnce(server, port, "number %05d".formatted(i));
          }
          return null;
        };
    try (ExecutorService apps = Executors.newVirtualThreadPerTaskExecutor()) {
      List<Future<Void>> all = new ArrayList<>();
      for (int i = 0; i < AT_ONCE; i++) {
        all.add(apps.submit(some));
      }
      for (Future<Void> one : all) {
        one.get();
      }
    }
  }

  private void echoOnce(MeshPod server, int port, String text) throws IOException {
    try (AppConnection app = mesh.client().connect(server.at(port))) {
      assertThat(app.echo(text)).isEqualTo(text);
    }
  }
}
