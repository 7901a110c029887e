// SPDX-License-Identifier: Apache-2.0
package dev.culvert.linux;

import static dev.culvert.linux.RedirectLab.CAPTURE;
import static dev.culvert.linux.RedirectLab.at;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.culvert.linux.bpf.NeedsRoot;
import java.net.InetSocketAddress;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** A new proxy takes a pod's ports over from an old one, which still runs. */
@NeedsRoot
final class RedirectHandOverTest {
  private static final int OUTBOUND = 15001;
  private static final int INBOUND = 15006;
  private static final int HBONE = 15008;
  private static final int DNS = 15053;
  private static final int APP = 8080;

  /** By chance alone all of them would go the same way once in a thousand million times. */
  private static final int MANY = 10;

  private static RedirectLab lab;

  @BeforeAll
  static void open() throws Exception {
    lab = new RedirectLab();
  }

  @AfterAll
  static void close() throws Exception {
    lab.close();
  }

  @BeforeEach
  void enrol() throws Exception {
    lab.reset();
    lab.enrol(lab.client, CAPTURE);
    lab.enrol(lab.server, CAPTURE);
    lab.steer(lab.server);
  }

  private static TestSocket listener(RedirectLab.Pod pod, int port) throws Exception {
    TestSocket listener =
        pod.tcp(TestSocket.AF_INET6).marked().sharingPort().bound(at("::", port)).listening();
    PortHandOver.preferNewest(listener.fd());
    return listener;
  }

  private static TestSocket resolver(Family family) throws Exception {
    TestSocket resolver =
        lab.client.udp(family.domain()).marked().sharingPort().bound(at(family.loopback(), DNS));
    PortHandOver.preferNewest(resolver.fd());
    return resolver;
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
    try (TestSocket first = listener(podOf(port), port)) {
      assertTakes(first, port);
      try (TestSocket second = listener(podOf(port), port)) {
        assertTakes(second, port);
      }
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {OUTBOUND, INBOUND, HBONE})
  void whenTheNewestDiesTheOneBeforeTakesOverAgain(int port) throws Exception {
    try (TestSocket first = listener(podOf(port), port)) {
      listener(podOf(port), port).close();
      assertTakes(first, port);
      try (TestSocket third = listener(podOf(port), port)) {
        assertTakes(third, port);
      }
      assertTakes(first, port);
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {OUTBOUND, INBOUND, HBONE})
  void threeInARowTakeOverFromEachOther(int port) throws Exception {
    TestSocket current = listener(podOf(port), port);
    for (int i = 0; i < 3; i++) {
      TestSocket next = listener(podOf(port), port);
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
  void queueOfAListenerThatClosesIsNeverGivenToAnApp(int port) throws Exception {
    for (Family family : Family.values()) {
      TestSocket proxy = listener(podOf(port), port);
      try (TestSocket client = open(family, port);
          TestSocket app = podOf(port).tcp(TestSocket.AF_INET6)) {
        app.sharingPort().bound(at("::", port)).listening();
        proxy.close();
        assertThatThrownBy(client::receive).hasMessageContaining("ECONNRESET");
      }
    }
  }

  @Test
  void otherPodsListenersAreNotTouched() throws Exception {
    lab.steer(lab.client);
    try (TestSocket clients = listener(lab.client, INBOUND);
        TestSocket servers = listener(lab.server, INBOUND)) {
      listener(lab.client, INBOUND).close();
      assertTakes(servers, INBOUND);
      assertThat(clients.own().getPort()).isEqualTo(INBOUND);
    }
  }

  @ParameterizedTest
  @EnumSource(names = {"IPV4", "IPV6"})
  void newestResolverGetsEveryQuery(Family family) throws Exception {
    try (TestSocket first = resolver(family)) {
      assertAnswers(first, family);
      try (TestSocket second = resolver(family)) {
        assertAnswers(second, family);
      }
      assertAnswers(first, family);
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
