// SPDX-License-Identifier: Apache-2.0
package dev.culvert.tests.scenario;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIOException;

import dev.culvert.linux.socket.NetworkNamespace;
import dev.culvert.tests.hostile.FakeAgent;
import dev.culvert.tests.hostile.HbonePeer;
import dev.culvert.tests.mesh.Await;
import dev.culvert.tests.mesh.Mesh;
import dev.culvert.tests.mesh.MeshPod;
import java.io.IOException;
import java.nio.file.Files;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** In which order, and how often, a CA is asked that has much to do. */
abstract class CertificateFetchScenarios {
  private static final String ACCOUNTS = "spiffe://cluster.local/ns/mesh/sa/";

  /** So many requests are with the CA at a time. */
  private static final int AT_A_TIME = 8;

  private static final long FIRST_WAIT_MILLIS = 500;
  private static final Pattern WAIT = Pattern.compile("; next attempt in (\\d+) ms");

  private final LoneZtunnel lone;
  private final List<String> added = new ArrayList<>();

  CertificateFetchScenarios(LoneZtunnel lone) {
    this.lone = lone;
  }

  @BeforeEach
  void connect() throws Exception {
    lone.connect();
  }

  @AfterEach
  void leave() throws Exception {
    lone.desk().releaseAll();
    lone.desk().refuse("");
    for (String name : added) {
      assertThat(lone.session().ask(FakeAgent.delete("uid-" + name))).isEmpty();
    }
    added.clear();
    lone.hangUp();
  }

  /** Of two that wait for their turn the later one goes first, because somebody waits for it. */
  @Test
  void certificateThatAConnectionWaitsForGoesBeforeThoseThatOnlyMayBeNeeded() throws Exception {
    MeshPod target = lone.mesh().client();
    lone.desk().hold();
    lone.mesh().client().postZtunnel(15000, "/logging?level=ztunnel::identity:debug");
    try (MeshPod _ = lone.mesh().addHost(Mesh.NODE_1, "one");
        MeshPod _ = lone.mesh().addHost(Mesh.NODE_1, "two");
        MeshPod _ = lone.mesh().addHost(Mesh.NODE_1, "prefetched")) {
      List<String> first =
          List.of("neighbour", "outsider", "server", "plain", "client6", "server6", "one", "two");
      assertThat(first).hasSize(AT_A_TIME);
      for (String name : first) {
        add(name, name);
      }
      List<String> asked = new ArrayList<>();
      for (int i = 0; i < AT_A_TIME; i++) {
        asked.add(lone.desk().nextArrived());
      }
      assertThat(asked)
          .containsExactlyInAnyOrderElementsOf(first.stream().map(n -> ACCOUNTS + n).toList());

      add("prefetched", "prefetched");
      add("urgent", "client");
      try (var executor = Executors.newVirtualThreadPerTaskExecutor()) {
        var handshake = CompletableFuture.supplyAsync(() -> isServed(target), executor);
        lone.process().awaitLog("a connection waits for the certificate of " + ACCOUNTS + "urgent");
        lone.desk().release(asked.getFirst());
        assertThat(lone.desk().nextArrived()).isEqualTo(ACCOUNTS + "urgent");
        lone.desk().release(ACCOUNTS + "urgent");
        assertThat(handshake.get(30, TimeUnit.SECONDS)).isTrue();
      }
      assertThat(lone.desk().nextArrived()).isEqualTo(ACCOUNTS + "prefetched");
    } finally {
      lone.mesh().client().postZtunnel(15000, "/logging?reset");
    }
  }

  /**
   * Each wait is twice the one before, a fifth more or less; who connects meanwhile asks nobody.
   */
  @Test
  void certificateThatTheCaDoesNotGiveIsAskedForLessAndLessOften() throws Exception {
    String identity = ACCOUNTS + "waiting";
    lone.desk().refuse(identity);
    add("waiting", "client");
    Await.until("it failed twice", () -> waits(identity).size() >= 2);
    assertThatIOException().isThrownBy(() -> shakeHands(lone.mesh().client()));
    assertThat(state(identity))
        .startsWith("Unavailable: ")
        .contains("RESOURCE_EXHAUSTED too much to do");

    lone.desk().refuse("");
    Await.until("the CA has time", () -> state(identity).equals("Available"));
    List<Long> waits = waits(identity);
    long expected = FIRST_WAIT_MILLIS;
    for (long wait : waits) {
      assertThat(wait).isBetween(expected * 8 / 10, expected * 12 / 10);
      expected *= 2;
    }
    assertThat(lone.desk().arrivals(identity)).isEqualTo(waits.size() + 1);
    assertThat(isServed(lone.mesh().client())).isTrue();
  }

  /** A pod of that name, in the namespace of one that the lab has. */
  private void add(String name, String host) throws Exception {
    try (NetworkNamespace netns =
        NetworkNamespace.open(lone.mesh().lab().pods().get(host).netnsFile())) {
      added.add(name);
      assertThat(lone.session().ask(FakeAgent.add("uid-" + name, name), netns.fd())).isEmpty();
    }
  }

  private boolean isServed(MeshPod pod) {
    try {
      shakeHands(pod);
      return true;
    } catch (IOException _) {
      return false;
    }
  }

  private void shakeHands(MeshPod pod) throws IOException {
    try (HbonePeer peer =
        HbonePeer.connect(
            lone.mesh().outsider().connect(pod.at(15008)).channel(),
            lone.authority().issue(ACCOUNTS + "outsider"))) {
      peer.greet();
    }
  }

  private String state(String identity) throws IOException {
    return ConfigDump.certificate(lone.mesh().client(), identity)
        .map(one -> ConfigDump.text(one, "state"))
        .orElse("nobody asked for it");
  }

  /** What the log says of each failure, in milliseconds. */
  private List<Long> waits(String identity) throws IOException {
    return Files.readAllLines(lone.mesh().client().ztunnelLog()).stream()
        .filter(line -> line.contains("no certificate for " + identity + " "))
        .map(WAIT::matcher)
        .filter(Matcher::find)
        .map(found -> Long.parseLong(found.group(1)))
        .toList();
  }
}
