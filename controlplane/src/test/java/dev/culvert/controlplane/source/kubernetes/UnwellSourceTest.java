// SPDX-License-Identifier: Apache-2.0
package dev.culvert.controlplane.source.kubernetes;

import static dev.culvert.controlplane.peers.Await.await;
import static dev.culvert.controlplane.source.kubernetes.FollowedMesh.ip;
import static dev.culvert.controlplane.source.kubernetes.FollowedMesh.key;
import static dev.culvert.controlplane.source.kubernetes.FollowedMesh.pod;
import static org.assertj.core.api.Assertions.assertThat;

import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** An API server that is not well takes nothing away, and is followed again. */
@Timeout(60)
class UnwellSourceTest {

  private FollowedMesh mesh;

  @BeforeEach
  void open() throws Exception {
    mesh = new FollowedMesh();
  }

  @AfterEach
  void close() {
    mesh.close();
  }

  @Test
  void droppedWatchMissesNothing() throws Exception {
    mesh.server().apply(pod("web", "198.18.0.1"));
    mesh.start();
    int before = mesh.server().requests("pods");
    mesh.server().dropWatches();
    mesh.server().apply(pod("web", "198.18.0.2"));
    mesh.await(now -> ip(now, "web").equals("198.18.0.2"));
    mesh.server().awaitRequests("pods", before + 1);
  }

  @Test
  void tooOldVersionIsListedAnewAndWhatIsGoneIsGone() throws Exception {
    mesh.server().apply(pod("web", "198.18.0.1") + "---\n" + pod("db", "198.18.0.3"));
    mesh.start();
    mesh.server().refuse("pods", 503);
    mesh.server().delete("v1", "pods", "shop", "db");
    mesh.server().apply(pod("web", "198.18.0.2"));
    mesh.server().compact();
    mesh.server().accept("pods");
    mesh.await(now -> !now.containsKey(key("db")) && ip(now, "web").equals("198.18.0.2"));
  }

  @Test
  void forbiddenAtFirstIsWaitedFor() throws Exception {
    mesh.server().apply(pod("web", "198.18.0.1"));
    mesh.server().refuse("pods", 403);
    CompletableFuture<Void> started = mesh.startLater();
    mesh.server().awaitRequests("pods", 3);
    assertThat(started).isNotDone();
    mesh.server().accept("pods");
    started.join();
    assertThat(mesh.known()).containsKey(key("web"));
  }

  @Test
  void tooManyRequestsAreTriedAgain() throws Exception {
    mesh.server().apply(pod("web", "198.18.0.1"));
    mesh.server().refuse("pods", 429);
    CompletableFuture<Void> started = mesh.startLater();
    mesh.server().awaitRequests("pods", 3);
    mesh.server().accept("pods");
    started.join();
    assertThat(mesh.known()).containsKey(key("web"));
  }

  @Test
  void slowServerIsWaitedFor() throws Exception {
    mesh.server().apply(pod("web", "198.18.0.1"));
    mesh.server().hold();
    CompletableFuture<Void> started = mesh.startLater();
    mesh.server().awaitRequests("", 1);
    assertThat(started).isNotDone();
    mesh.server().release();
    started.join();
    assertThat(mesh.known()).containsKey(key("web"));
  }

  @Test
  void absentServerTakesNothingAwayAndIsFollowedAgain() throws Exception {
    mesh.server().apply(pod("web", "198.18.0.1"));
    mesh.start();
    mesh.server().stop();
    mesh.server().apply(pod("web", "198.18.0.2"));
    assertThat(ip(mesh.known(), "web")).isEqualTo("198.18.0.1");
    mesh.server().start();
    mesh.await(now -> ip(now, "web").equals("198.18.0.2"));
  }

  @Test
  void forbiddenLaterKeepsWhatIsKnown() throws Exception {
    mesh.server().apply(pod("web", "198.18.0.1"));
    mesh.start();
    mesh.server().refuse("pods", 403);
    mesh.server().awaitRequests("pods", mesh.server().requests("pods") + 2);
    assertThat(mesh.known()).containsKey(key("web"));
    mesh.server().apply(pod("web", "198.18.0.2"));
    mesh.server().accept("pods");
    mesh.await(now -> ip(now, "web").equals("198.18.0.2"));
  }

  @Test
  void sourceWhoseThreadDiesIsInTrouble() throws Exception {
    AtomicBoolean fatal = new AtomicBoolean();
    mesh.start(
        _ -> {
          if (fatal.get()) {
            throw new StackOverflowError("for the test");
          }
        });
    assertThat(mesh.source().trouble()).isEmpty();
    fatal.set(true);
    mesh.server().apply(pod("web", "198.18.0.1"));
    await(() -> !mesh.source().trouble().isEmpty());
    assertThat(mesh.source().trouble()).contains("the thread that takes changes in has ended");
  }
}
