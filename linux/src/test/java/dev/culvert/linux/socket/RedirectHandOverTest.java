// SPDX-License-Identifier: Apache-2.0
package dev.culvert.linux.socket;

import static dev.culvert.linux.socket.RedirectLab.at;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.culvert.linux.bpf.NeedsRoot;
import dev.culvert.linux.errno.ErrnoException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** A new proxy takes a pod's ports over from an old one, which still runs. */
@NeedsRoot
final class RedirectHandOverTest extends HandOverCase {
  private static final int ROUNDS = 500;

  @ParameterizedTest
  @ValueSource(ints = {OUTBOUND, INBOUND, HBONE})
  void newestTakesEveryNewConnection(int port) throws Exception {
    try (TestSocket first = proxy(podOf(port), port)) {
      assertTakes(first, port);
      try (TestSocket second = proxy(podOf(port), port)) {
        assertTakes(second, port);
      }
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {OUTBOUND, INBOUND, HBONE})
  void whenTheNewestDiesTheOneBeforeTakesOverAgain(int port) throws Exception {
    try (TestSocket first = proxy(podOf(port), port)) {
      proxy(podOf(port), port).close();
      assertTakes(first, port);
      try (TestSocket third = proxy(podOf(port), port)) {
        assertTakes(third, port);
      }
      assertTakes(first, port);
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {OUTBOUND, INBOUND, HBONE})
  void threeInARowTakeOverFromEachOther(int port) throws Exception {
    TestSocket current = proxy(podOf(port), port);
    for (int i = 0; i < 3; i++) {
      TestSocket next = proxy(podOf(port), port);
      assertTakes(next, port);
      current.close();
      assertTakes(next, port);
      current = next;
    }
    current.close();
    assertThatThrownBy(() -> open(Family.IPV4, port)).hasMessageContaining("ECONNREFUSED");
  }

  /** As a proxy does it, whose listeners are of several loops. */
  @Test
  void newestTakesEveryPortHoweverCloseTogetherItsListenersBegin() throws Exception {
    Family[] families = Family.values();
    for (int i = 0; i < ROUNDS; i++) {
      List<TestSocket> older = listenAtOnce(INBOUND, HBONE);
      List<TestSocket> newest = listenAtOnce(INBOUND, HBONE);
      assertTakes(newest.getFirst(), families[i % families.length], INBOUND);
      assertTakes(newest.getLast(), families[i % families.length], HBONE);
      older.forEach(TestSocket::close);
      newest.forEach(TestSocket::close);
    }
  }

  private static List<TestSocket> listenAtOnce(int... ports) throws Exception {
    List<TestSocket> listeners = new ArrayList<>();
    List<Thread> threads = new ArrayList<>();
    AtomicInteger ready = new AtomicInteger();
    for (int port : ports) {
      TestSocket bound =
          lab.server.tcp(TestSocket.AF_INET6).marked().sharingPort().bound(at("::", port));
      listeners.add(bound);
      threads.add(Thread.ofPlatform().start(() -> listenWhen(ready, ports.length, bound)));
    }
    for (Thread thread : threads) {
      thread.join();
    }
    return listeners;
  }

  private static void listenWhen(AtomicInteger ready, int all, TestSocket socket) {
    ready.incrementAndGet();
    while (ready.get() < all) {
      Thread.onSpinWait();
    }
    try {
      socket.listening();
    } catch (ErrnoException e) {
      throw new AssertionError(e); // and nobody is there to be connected to
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {OUTBOUND, INBOUND, HBONE})
  void queueOfAListenerThatClosesIsNeverGivenToAnApp(int port) throws Exception {
    for (Family family : Family.values()) {
      TestSocket proxy = proxy(podOf(port), port);
      try (TestSocket client = open(family, port);
          TestSocket app = intruder(podOf(port), port)) {
        proxy.close();
        assertThatThrownBy(client::receive).hasMessageContaining("ECONNRESET");
        assertThat(app.own().getPort()).isEqualTo(port);
      }
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {OUTBOUND, INBOUND, HBONE})
  void newestOfThreeTakesEveryNewConnection(int port) throws Exception {
    try (TestSocket first = proxy(podOf(port), port);
        TestSocket second = proxy(podOf(port), port)) {
      try (TestSocket third = proxy(podOf(port), port)) {
        assertTakes(third, port);
      }
      assertTakes(second, port);
      assertThat(first.own().getPort()).isEqualTo(port);
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {OUTBOUND, INBOUND, HBONE})
  void olderKeepsWhatItsQueueHolds(int port) throws Exception {
    for (Family family : Family.values()) {
      try (TestSocket older = proxy(podOf(port), port);
          TestSocket early = open(family, port);
          TestSocket newer = proxy(podOf(port), port);
          TestSocket late = open(family, port);
          TestSocket kept = older.accept();
          TestSocket taken = newer.accept()) {
        assertTalks(early, kept);
        assertTalks(late, taken);
      }
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {OUTBOUND, INBOUND, HBONE})
  void appThatSharesThePortGetsNothing(int port) throws Exception {
    try (TestSocket before = intruder(podOf(port), port);
        TestSocket older = proxy(podOf(port), port)) {
      TestSocket newer = proxy(podOf(port), port);
      try (TestSocket after = intruder(podOf(port), port)) {
        assertTakes(newer, port);
        newer.close();
        assertTakes(older, port);
        assertThat(before.own()).isEqualTo(after.own());
      }
    }
  }

  @ParameterizedTest
  @EnumSource
  void newestTakesWhatComesFromLoopback(Family family) throws Exception {
    try (TestSocket first = preferred();
        TestSocket second = preferred()) {
      for (int i = 0; i < MANY; i++) {
        try (TestSocket app = lab.client.tcp(family.domain()).bound(at(family.loopback(), 0));
            TestSocket captured = app.connected(at(family.of(lab.server), APP));
            TestSocket taken = second.accept()) {
          assertTalks(captured, taken);
        }
      }
      assertThat(first.own()).isEqualTo(second.own());
    }
  }

  private static TestSocket preferred() throws Exception {
    TestSocket listener = proxy(lab.client, OUTBOUND);
    PortHandOver.preferNewest(listener.fd());
    return listener;
  }

  @Test
  void otherPodsListenersAreNotTouched() throws Exception {
    lab.steer(lab.client);
    try (TestSocket clients = proxy(lab.client, INBOUND);
        TestSocket servers = proxy(lab.server, INBOUND)) {
      proxy(lab.client, INBOUND).close();
      assertTakes(servers, INBOUND);
      assertThat(clients.own().getPort()).isEqualTo(INBOUND);
    }
  }
}
