// SPDX-License-Identifier: Apache-2.0
package dev.culvert.tests.scenario;

import static org.assertj.core.api.Assertions.assertThat;

import dev.culvert.tests.app.AppConnection;
import dev.culvert.tests.app.HttpApp;
import dev.culvert.tests.app.HttpApp.Message;
import dev.culvert.tests.mesh.Await;
import dev.culvert.tests.mesh.Mesh;
import dev.culvert.tests.mesh.MeshProcess;
import java.io.IOException;
import java.util.Arrays;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

/** Routes and policies that a waypoint has of the control plane only, which comes and goes. */
abstract class WaypointDiscoveryScenarios extends ToldWaypointCase {
  private static final int MOST_ASKED = 100_000;

  private final Mesh mesh;

  WaypointDiscoveryScenarios(Mesh mesh) {
    super(mesh);
    this.mesh = mesh;
  }

  @Test
  void editsOfPoliciesAreInForceOnOpenConnections() throws Exception {
    try (AppConnection kept = mesh.client().connect(shop)) {
      mesh.apply(RULES, policy("/admin*"));
      Await.until("the policy is in force", () -> visitor.status("/admin/x") == 403);
      assertThat(HttpApp.get(kept, "/admin/x").status()).isEqualTo(403);
      mesh.apply(RULES, policy("/root*"));
      Await.until("the edit is in force", () -> visitor.status("/root") == 403);
      assertThat(HttpApp.get(kept, "/admin/x").status()).isEqualTo(200);
      assertThat(HttpApp.get(kept, "/root").status()).isEqualTo(403);
      mesh.withdraw(RULES);
      Await.until("nothing is refused", () -> visitor.status("/root") == 200);
      assertThat(HttpApp.get(kept, "/root").status()).isEqualTo(200);
    }
  }

  @Test
  void policyThatWasNeverGoodClosesItsService() throws Exception {
    String never = policy("/admin*").replace("{name: told,", "{name: never-good,");
    mesh.apply(BROKEN, never.replace("paths", "pahts"));
    Await.until("everything is refused", () -> visitor.status("/") == 403);
    assertThat(waypoint.awaitLog("is closed until it is corrected"))
        .contains("AuthorizationPolicy mesh/never-good", "pahts", "did you mean");
    mesh.apply(BROKEN, never);
    Await.until("the policy is what it was meant to be", () -> visitor.status("/") == 200);
    assertThat(visitor.status("/admin")).isEqualTo(403);
  }

  @Test
  void controlPlaneThatIsGoneLeavesRoutesAndPoliciesInForce() throws Exception {
    mesh.apply(RULES, policy("/admin*") + route("shop-v2"));
    Await.until(
        "the rules are in force",
        () -> visitor.status("/admin") == 403 && visitor.asked("/").equals("v2"));
    MeshProcess controlPlane = mesh.processes().controlPlane();
    controlPlane.kill();
    try (AppConnection kept = mesh.client().connect(shop)) {
      assertThat(HttpApp.get(kept, "/").body()).startsWith("v2\n");
      assertThat(visitor.status("/admin")).isEqualTo(403);
      mesh.apply(RULES, policy("/root*") + route("shop"));
      controlPlane.start();
      controlPlane.awaitReady();
      Await.until("the edit is in force", () -> visitor.status("/root") == 403);
      Await.until("the other route is in force", () -> visitor.asked("/admin").equals("v1"));
      assertThat(HttpApp.get(kept, "/").body()).startsWith("v1\n");
    }
  }

  @Test
  void waypointThatStartsWithoutControlPlaneIsClosed() throws Exception {
    mesh.apply(RULES, policy("/admin*"));
    Await.until("the policy is in force", () -> visitor.status("/admin") == 403);
    MeshProcess controlPlane = mesh.processes().controlPlane();
    controlPlane.kill();
    waypoint.kill();
    v1.forgetPeers();
    waypoint.start();
    waypoint.awaitLog("tunnels on port 15008");
    assertThat(visitor.asked("/")).isEmpty();
    assertThat(visitor.asked("/admin")).isEmpty();
    assertThat(v1.waitingPeers()).isZero();
    AtomicBoolean done = new AtomicBoolean();
    AtomicInteger past = new AtomicInteger();
    Thread prying =
        Thread.ofVirtual()
            .start(
                () -> {
                  while (!done.get()) {
                    past.addAndGet(visitor.asked("/admin").isEmpty() ? 0 : 1);
                  }
                });
    controlPlane.start();
    controlPlane.awaitReady();
    waypoint.awaitReady();
    Await.until("requests go through the waypoint again", () -> visitor.asked("/").equals("v1"));
    done.set(true);
    prying.join();
    assertThat(past.get()).isZero();
    assertThat(visitor.status("/admin")).isEqualTo(403);
  }

  /** It is told the policies of a service before it is told that the service is its. */
  @Test
  void serviceIsNeverOpenWhileItComesToTheWaypoint() throws Exception {
    bind("none");
    Await.until("requests go to the service itself", this::isDirect);
    mesh.apply(RULES, policy("/*"));
    AtomicBoolean done = new AtomicBoolean();
    AtomicInteger past = new AtomicInteger();
    Thread prying =
        Thread.ofVirtual()
            .start(
                () -> {
                  while (!done.get()) {
                    past.addAndGet(isThroughTheWaypoint() ? 1 : 0);
                  }
                });
    for (int i = 0; i < 20; i++) {
      bind("told");
      Await.until("the service is behind the waypoint", () -> visitor.status("/") == 403);
      bind("none");
      Await.until("it is not", this::isDirect);
    }
    done.set(true);
    prying.join();
    assertThat(past.get()).isZero();
  }

  @Test
  void changesUnderLoadFailNoRequest() throws Exception {
    AtomicBoolean done = new AtomicBoolean();
    AtomicInteger requests = new AtomicInteger();
    AtomicInteger wrong = new AtomicInteger();
    Thread load = Thread.ofVirtual().start(() -> load(done, requests, wrong));
    MeshProcess controlPlane = mesh.processes().controlPlane();
    for (int i = 0; i < 30; i++) {
      if (i == 15) {
        controlPlane.kill();
        controlPlane.start();
        controlPlane.awaitReady();
      }
      String to = i % 2 == 0 ? "shop-v2" : "shop";
      String name = i % 2 == 0 ? "v2" : "v1";
      mesh.apply(RULES, policy("/" + i) + route(to));
      Await.until(name + " answers", () -> visitor.asked("/").equals(name));
    }
    Await.until("some load", () -> requests.get() > 1000);
    done.set(true);
    load.join();
    assertThat(wrong.get()).isZero();
  }

  /** Prints for docs/performance how long it takes, of which a test says nothing. */
  @Test
  void oneChangedRouteAmongAThousandCountsForTheNextRequest() throws Exception {
    mesh.apply(OTHERS, otherRoutes());
    mesh.apply(RULES, route("shop-v2"));
    long[] nanos = new long[40];
    try (AppConnection kept = mesh.client().connect(shop)) {
      Await.until(
          "all of them are told", () -> name(kept, "/other/" + (OTHER_ROUTES - 1)).equals("v2"));
      for (int i = 0; i < nanos.length; i++) {
        String wanted = i % 2 == 0 ? "v1" : "v2";
        mesh.apply(RULES, route(i % 2 == 0 ? "shop" : "shop-v2"));
        long begun = System.nanoTime();
        for (int asked = 0; !name(kept, "/").equals(wanted); asked++) {
          assertThat(asked).isLessThan(MOST_ASKED);
        }
        nanos[i] = System.nanoTime() - begun;
      }
    }
    Arrays.sort(nanos);
    System.out.printf(
        "changes among %d routes of a mesh, from the control plane's folder on: p50 %.1f ms, at most %.1f ms%n",
        OTHER_ROUTES + 1, nanos[nanos.length / 2] / 1e6, nanos[nanos.length - 1] / 1e6);
  }

  private static String name(AppConnection kept, String path) throws IOException {
    return HttpApp.get(kept, path).body().lines().findFirst().orElse("");
  }

  private void load(AtomicBoolean done, AtomicInteger requests, AtomicInteger wrong) {
    try (AppConnection client = mesh.client().connect(shop)) {
      while (!done.get()) {
        wrong.addAndGet(HttpApp.get(client, "/load").status() == 200 ? 0 : 1);
        requests.incrementAndGet();
      }
    } catch (IOException e) {
      wrong.incrementAndGet();
    }
  }

  private boolean isDirect() {
    return gets(false);
  }

  private boolean isThroughTheWaypoint() {
    return gets(true);
  }

  /** Only a waypoint tells the app who asked. */
  private boolean gets(boolean forwarded) {
    try (AppConnection client = mesh.client().connect(shop)) {
      Message answer = HttpApp.get(client, "/");
      return answer.status() == 200 && answer.body().contains("x-forwarded-for") == forwarded;
    } catch (IOException e) {
      return false;
    }
  }
}
