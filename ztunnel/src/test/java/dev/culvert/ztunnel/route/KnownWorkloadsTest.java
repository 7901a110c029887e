// SPDX-License-Identifier: Apache-2.0
package dev.culvert.ztunnel.route;

import static org.assertj.core.api.Assertions.assertThat;

import dev.culvert.ztunnel.capture.TestMesh;
import dev.culvert.ztunnel.capture.TestWorkload;
import dev.culvert.ztunnel.capture.TestWorkloads;
import dev.culvert.ztunnel.xds.Workload;
import dev.culvert.ztunnel.zds.Pod;
import io.netty.channel.embedded.EmbeddedChannel;
import java.net.InetAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class KnownWorkloadsTest {
  private static final InetAddress ADDRESS = InetAddress.ofLiteral("198.18.0.7");
  private static final Pod POD =
      new Pod("uid-1", "shop", "web", "web", TestWorkloads.identity("web"), null);

  private final TestMesh mesh = new TestMesh();
  private final EmbeddedChannel loopOwner = new EmbeddedChannel();
  private final KnownWorkloads known = new KnownWorkloads(mesh, Duration.ofSeconds(5));
  private final List<Optional<Workload>> found = new ArrayList<>();
  private final Workload web = TestWorkloads.pod("web", "one", ADDRESS);

  @AfterEach
  void close() {
    loopOwner.finishAndReleaseAll();
  }

  private void find() {
    known.find(POD, ADDRESS, loopOwner.eventLoop(), found::add);
  }

  private void later(int seconds) {
    loopOwner.advanceTimeBy(seconds, TimeUnit.SECONDS);
    loopOwner.runScheduledPendingTasks();
  }

  @Test
  void foundAtOnce() {
    mesh.put(web);
    find();
    assertThat(found).containsExactly(Optional.of(web));
  }

  @Test
  void foundOnceTheControlPlaneTellsOfIt() {
    find();
    assertThat(found).isEmpty();
    mesh.put(web);
    loopOwner.runPendingTasks();
    assertThat(found).containsExactly(Optional.of(web));
    later(5);
    assertThat(found).hasSize(1);
  }

  @Test
  void unknownPodIsWaitedForInVain() {
    find();
    later(5);
    assertThat(found).containsExactly(Optional.empty());
    assertThat(known.whyUnknown(POD, ADDRESS)).contains("does not know this pod");
  }

  /** The agent's mistake, or an attack on it: its apps would speak with the other's identity. */
  @Test
  void namespaceOfAnotherPodGetsNothing() {
    mesh.put(TestWorkloads.pod("web", "one", InetAddress.ofLiteral("198.18.0.8")));
    mesh.put(TestWorkloads.pod("victim", "one", ADDRESS));
    find();
    later(5);
    assertThat(found).containsExactly(Optional.empty());
    assertThat(known.whyUnknown(POD, ADDRESS))
        .contains("198.18.0.7 is the address of pod shop/victim")
        .contains("not shop/web's");
  }

  @Test
  void reusedAddressIsWaitedForUntilTheControlPlaneKnowsOfIt() {
    Workload former = TestWorkloads.pod("former", "one", ADDRESS);
    mesh.put(former);
    mesh.put(web);
    find();
    assertThat(found).isEmpty();
    mesh.remove(former);
    loopOwner.runPendingTasks();
    assertThat(found).containsExactly(Optional.of(web));
  }

  @Test
  void secondDescriptionOfThePodDoesNoHarm() {
    mesh.put(new TestWorkload("entry").on("").at(ADDRESS).build());
    mesh.put(web);
    find();
    assertThat(found).containsExactly(Optional.of(web));
  }

  @Test
  void addressThatNobodyKnowsIsThePodsOwn() {
    mesh.put(TestWorkloads.pod("web", "one", InetAddress.ofLiteral("198.18.0.8")));
    find();
    assertThat(found).hasSize(1).first().matches(Optional::isPresent);
  }
}
