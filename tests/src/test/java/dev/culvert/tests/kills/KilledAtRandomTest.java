// SPDX-License-Identifier: Apache-2.0
package dev.culvert.tests.kills;

import static org.assertj.core.api.Assertions.assertThat;

import dev.culvert.tests.app.AppServer;
import dev.culvert.tests.app.Services;
import dev.culvert.tests.mesh.Await;
import dev.culvert.tests.mesh.Mesh;
import dev.culvert.tests.mesh.MeshPod;
import dev.culvert.tests.mesh.Root;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * Half a minute of it; {@code -Pkills} takes five, {@code -Dculvert.tests.kills=PT1H} an hour, and
 * {@code -Dculvert.tests.seed} the same choices again.
 */
@Root
@Timeout(value = 90, unit = TimeUnit.MINUTES)
final class KilledAtRandomTest {
  private static final Duration TIME =
      Duration.parse(System.getProperty("culvert.tests.kills", "PT30S"));
  private static final long SEED = Long.getLong("culvert.tests.seed", System.nanoTime());
  private static final int PORT = 8600;

  private static final String STRICT =
      """
      apiVersion: security.istio.io/v1
      kind: PeerAuthentication
      metadata: {name: strict, namespace: mesh}
      spec: {mtls: {mode: STRICT}}
      """;

  private Mesh mesh;

  @BeforeEach
  void start() throws Exception {
    mesh = Mesh.start("auto");
  }

  @AfterEach
  void stop() throws Exception {
    mesh.close();
  }

  @Test
  void nothingIsUnprotectedAndNothingLostThatNeedNotBe() throws Exception {
    mesh.apply("strict.yaml", STRICT);
    MeshPod far = mesh.addPod(Mesh.NODE_2, "far", true);
    Outages outages = new Outages();
    Killer killer = new Killer(mesh, outages, SEED);
    try (AppServer _ = mesh.client().serve(PORT, Services.echo());
        AppServer _ = mesh.neighbour().serve(PORT, Services.echo());
        AppServer _ = mesh.server().serve(PORT, Services.echo());
        AppServer _ = far.serve(PORT, Services.echo());
        AppServer _ = mesh.uncapturedServer().serve(PORT, Services.echo());
        Traffic traffic = new Traffic(outages)) {
      awaitStrict(mesh.client(), mesh.neighbour(), mesh.server(), far);
      List<Route> routes = routes(far);
      routes.forEach(traffic::along);
      traffic.never("from outside to node 1", mesh.outsider(), mesh.client().at(PORT));
      traffic.never("from outside to node 2", mesh.outsider(), mesh.server().at(PORT));
      killer.run(TIME);
      awaitMore(traffic);
      traffic.stop();
      System.out.printf(
          "seed %d; killed %s; done %s; lost with a ztunnel %s%n",
          SEED, killer.kills(), traffic.done(), traffic.explained());
      assertThat(traffic.faults()).as("seed %d, killed %s", SEED, killer.kills()).isEmpty();
      assertThat(killer.kills()).hasSize(5);
    }
  }

  private List<Route> routes(MeshPod far) {
    return List.of(
        route("across", mesh.client(), mesh.server().at(PORT), Mesh.NODE_1, Mesh.NODE_2),
        route("back across", mesh.server(), mesh.client().at(PORT), Mesh.NODE_1, Mesh.NODE_2),
        route("within node 1", mesh.client(), mesh.neighbour().at(PORT), Mesh.NODE_1),
        route("within node 2", mesh.server(), far.at(PORT), Mesh.NODE_2),
        route("out of the mesh", mesh.neighbour(), mesh.uncapturedServer().at(PORT), Mesh.NODE_1));
  }

  private static Route route(String name, MeshPod from, InetSocketAddress to, String... nodes) {
    return new Route(name, from, to, Set.of(nodes));
  }

  private void awaitStrict(MeshPod... pods) throws InterruptedException {
    for (MeshPod pod : pods) {
      Await.until(pod.name() + " is strict", () -> refuses(pod));
    }
  }

  private boolean refuses(MeshPod pod) {
    try (var connection = mesh.outsider().connect(pod.at(PORT))) {
      connection.echo("plaintext?");
      return false;
    } catch (IOException _) {
      return true;
    }
  }

  /** All of it works again, the long ones too. */
  private static void awaitMore(Traffic traffic) throws InterruptedException {
    List<Long> before = counts(traffic);
    Await.until(
        "each does it again: %s of %s".formatted(traffic.faults(), traffic.done()),
        () -> {
          List<Long> now = counts(traffic);
          for (int i = 0; i < before.size(); i++) {
            if (now.get(i) <= before.get(i)) {
              return false;
            }
          }
          return true;
        });
  }

  private static List<Long> counts(Traffic traffic) {
    return traffic.done().keySet().stream()
        .sorted()
        .map(name -> traffic.done().get(name).get())
        .toList();
  }
}
