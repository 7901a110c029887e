// SPDX-License-Identifier: Apache-2.0
package dev.culvert.linux.socket;

import static dev.culvert.linux.socket.RedirectLab.CAPTURE;
import static dev.culvert.linux.socket.RedirectLab.at;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.culvert.linux.bpf.NeedsRoot;
import dev.culvert.linux.errno.ErrnoException;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** A new proxy takes a pod's ports over from an old one, which still runs. */
@NeedsRoot
final class RedirectHandOverTest extends RedirectCase {
  private static final int OUTBOUND = 15001;
  private static final int INBOUND = 15006;
  private static final int HBONE = 15008;
  private static final int DNS = 15053;
  private static final int APP = 8080;

  /** By chance alone all of them would go the same way once in a thousand million times. */
  private static final int MANY = 10;

  private static final int ROUNDS = 500;

  @BeforeEach
  void enrol() throws Exception {
    lab.enrol(lab.client, CAPTURE);
    lab.enrol(lab.server, CAPTURE);
    lab.steer(lab.server);
  }

  /** An app of the pod, of the same user, that pushes in on a proxy's port. */
  private static TestSocket intruder(RedirectLab.Pod pod, int port) throws Exception {
    return pod.tcp(TestSocket.AF_INET6).sharingPort().bound(at("::", port)).listening();
  }

  private static TestSocket resolver(Family family) throws Exception {
    return lab.client.udp(family.domain()).marked().sharingPort().bound(at(family.loopback(), DNS));
  }

  /** From the client's app, captured on its way. */
  private static TestSocket captured(Family family) throws Exception {
    return lab.client.tcp(family.domain()).connected(at(family.of(lab.server), APP));
  }

  /** To the server, not captured on its way: the client's proxy opens it. */
  private static TestSocket dialled(Family family, int port) throws Exception {
    return lab.client.tcp(family.domain()).marked().connected(at(family.of(lab.server), port));
  }

  private static TestSocket open(Family family, int listener) throws Exception {
    return switch (listener) {
      case OUTBOUND -> captured(family);
      case HBONE -> dialled(family, HBONE);
      default -> dialled(family, APP);
    };
  }

  private static RedirectLab.Pod podOf(int listener) {
    return listener == OUTBOUND ? lab.client : lab.server;
  }

  private static void assertTakes(TestSocket listener, int port) throws Exception {
    for (int i = 0; i < MANY; i++) {
      for (Family family : Family.values()) {
        assertTakes(listener, family, port);
      }
    }
  }

  private static void assertTakes(TestSocket listener, Family family, int port) throws Exception {
    try (TestSocket app = open(family, port);
        TestSocket taken = listener.accept()) {
      assertTalks(app, taken);
    }
  }

  private static void assertTalks(TestSocket app, TestSocket taken) throws Exception {
    app.send("ping", null);
    assertThat(taken.receive().text()).isEqualTo("ping");
    taken.send("pong", null);
    assertThat(app.receive().text()).isEqualTo("pong");
  }

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

  @ParameterizedTest
  @ValueSource(ints = {OUTBOUND, INBOUND, HBONE})
  void newestThatStepsBackLetsTheOlderTakeOverAndKeepsItsQueue(int port) throws Exception {
    for (Family family : Family.values()) {
      try (TestSocket older = proxy(podOf(port), port)) {
        TestSocket newest = proxy(podOf(port), port);
        try (TestSocket early = open(family, port)) {
          SocketOptions.stepBack(newest.fd());
          assertTakes(older, port);
          try (TestSocket kept = newest.accept()) {
            assertTalks(early, kept);
          }
          newest.close();
          assertTakes(older, port);
        }
      }
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {OUTBOUND, INBOUND, HBONE})
  void olderThatStepsBackLeavesTheNewestWhereItIs(int port) throws Exception {
    try (TestSocket first = proxy(podOf(port), port);
        TestSocket second = proxy(podOf(port), port)) {
      SocketOptions.stepBack(first.fd());
      assertTakes(second, port);
      try (TestSocket third = proxy(podOf(port), port)) {
        assertTakes(third, port);
        SocketOptions.stepBack(second.fd());
        assertTakes(third, port);
      }
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {OUTBOUND, INBOUND, HBONE})
  void onlyOneThatStepsBackServesUntilTheNextDoes(int port) throws Exception {
    try (TestSocket only = proxy(podOf(port), port)) {
      SocketOptions.stepBack(only.fd());
      assertTakes(only, port);
      try (TestSocket next = proxy(podOf(port), port)) {
        assertTakes(next, port);
      }
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {OUTBOUND, INBOUND, HBONE})
  void whoHasNotRegisteredCannotStepBack(int port) throws Exception {
    try (TestSocket app = intruder(podOf(port), port);
        TestSocket accepting = proxy(podOf(port), port);
        TestSocket client = open(Family.IPV4, port);
        TestSocket accepted = accepting.accept()) {
      for (TestSocket one : List.of(app, client, accepted)) {
        assertThatThrownBy(() -> SocketOptions.stepBack(one.fd())).hasMessageContaining("EPERM");
      }
    }
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

  @ParameterizedTest
  @EnumSource
  void whatAListenerHoldsIsSeen(Family family) throws Exception {
    try (TcpDiagnosis diagnosis = TcpDiagnosis.in(lab.client.namespace());
        TestSocket proxy = proxy(lab.client, OUTBOUND);
        TestSocket other = proxy(lab.client, INBOUND)) {
      assertThat(queued(diagnosis, proxy)).isZero();
      try (TestSocket app = captured(family)) {
        assertThat(queued(diagnosis, proxy)).isOne();
        assertThat(queued(diagnosis, other)).isZero();
        proxy.accept().close();
        assertThat(queued(diagnosis, proxy)).isZero();
        assertThat(app.peer()).isEqualTo(at(family.of(lab.server), APP));
      }
    }
  }

  private static int queued(TcpDiagnosis diagnosis, TestSocket listener) throws Exception {
    long cookie = SocketOptions.cookie(listener.fd());
    TcpListener found =
        diagnosis.listeners().stream()
            .filter(each -> each.cookie() == cookie)
            .findFirst()
            .orElseThrow();
    assertThat(found.port()).isEqualTo(listener.own().getPort());
    assertThat(found.mark()).isEqualTo(SocketOptions.MARK);
    return found.queued();
  }

  @ParameterizedTest
  @EnumSource
  void handshakeThatWaitsIsSeen(Family family) throws Exception {
    try (TcpDiagnosis diagnosis = TcpDiagnosis.in(lab.client.namespace());
        TestSocket proxy = proxy(lab.client, OUTBOUND).deferringAccept();
        TestSocket app = captured(family)) {
      Set<TcpConnection> waiting = diagnosis.handshakes();
      assertThat(waiting).hasSize(1);
      assertThat(diagnosis.handshakes()).isEqualTo(waiting);
      app.send("now", null);
      try (TestSocket taken = proxy.accept()) {
        assertThat(taken.receive().text()).isEqualTo("now");
        assertThat(diagnosis.handshakes()).isEmpty();
      }
    }
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

  @ParameterizedTest
  @EnumSource(names = {"IPV4", "IPV6"})
  void resolversThatAreDeafGetNoQueries(Family family) throws Exception {
    TestSocket first = resolver(family);
    try (TestSocket second = resolver(family);
        TestSocket third = resolver(family)) {
      PortHandOver.deafen(second.fd(), at(family.loopback(), DNS));
      PortHandOver.deafen(first.fd(), at(family.loopback(), DNS));
      assertAnswers(third, family);
      first.close();
      assertAnswers(third, family);
    }
  }

  @ParameterizedTest
  @EnumSource(names = {"IPV4", "IPV6"})
  void deafResolverAnswersWhatItHasHeard(Family family) throws Exception {
    InetSocketAddress asked = at(family.address("198.18.53.53", "fd00:c01:53::53"), 53);
    try (TestSocket first = resolver(family);
        TestSocket early = lab.client.udp(family.domain())) {
      early.send("early", asked);
      try (TestSocket second = resolver(family)) {
        PortHandOver.deafen(first.fd(), at(family.loopback(), DNS));
        assertAnswers(second, family);
        TestSocket.Datagram heard = first.receive();
        assertThat(heard.text()).isEqualTo("early");
        first.send("answer", heard.from());
        assertThat(early.receive()).isEqualTo(new TestSocket.Datagram(asked, "answer"));
      }
    }
  }

  @ParameterizedTest
  @EnumSource(names = {"IPV4", "IPV6"})
  void deafResolverAloneHearsNothing(Family family) throws Exception {
    InetSocketAddress asked = at(family.address("198.18.53.53", "fd00:c01:53::53"), 53);
    try (TestSocket only = resolver(family);
        TestSocket app = lab.client.udp(family.domain()).connected(asked)) {
      PortHandOver.deafen(only.fd(), at(family.loopback(), DNS));
      app.send("anybody?", null);
      assertThatThrownBy(app::receive).hasMessageContaining("ECONNREFUSED");
    }
  }

  private static void assertAnswers(TestSocket resolver, Family family) throws Exception {
    InetSocketAddress asked = at(family.address("198.18.53.53", "fd00:c01:53::53"), 53);
    for (int i = 0; i < MANY; i++) {
      try (TestSocket app = lab.client.udp(family.domain())) {
        app.send("who?", asked);
        TestSocket.Datagram heard = resolver.receive();
        resolver.send("me", heard.from());
        assertThat(app.receive()).isEqualTo(new TestSocket.Datagram(asked, "me"));
      }
    }
  }
}
