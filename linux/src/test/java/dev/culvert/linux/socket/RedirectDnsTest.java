// SPDX-License-Identifier: Apache-2.0
package dev.culvert.linux.socket;

import static dev.culvert.linux.socket.RedirectLab.CAPTURE;
import static dev.culvert.linux.socket.RedirectLab.KNOWN;
import static dev.culvert.linux.socket.RedirectLab.at;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.culvert.linux.bpf.NeedsRoot;
import dev.culvert.linux.socket.TestSocket.Datagram;
import java.net.InetSocketAddress;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** DNS over UDP of a captured pod. */
@NeedsRoot
final class RedirectDnsTest extends RedirectCase {
  private static final int DNS = 15053;

  @BeforeEach
  void enrol() throws Exception {
    lab.enrol(lab.client, CAPTURE);
  }

  private static TestSocket proxy(Family family) throws Exception {
    Family listening = family == Family.IPV4_ON_IPV6 ? Family.IPV4 : family;
    return lab.client.udp(listening.domain()).marked().bound(at(listening.loopback(), DNS));
  }

  private static InetSocketAddress resolver(Family family) {
    return at(family.address("198.18.53.53", "fd00:c01:53::53"), 53);
  }

  private static TestSocket app(Family family) throws Exception {
    return lab.client.udp(family.domain());
  }

  private static void answer(TestSocket proxy, String question, String answer) throws Exception {
    Datagram asked = proxy.receive();
    assertThat(asked.text()).isEqualTo(question);
    proxy.send(answer, asked.from());
  }

  @ParameterizedTest
  @EnumSource
  void unconnectedQueryIsAnsweredByResolverThatWasAsked(Family family) throws Exception {
    try (TestSocket proxy = proxy(family);
        TestSocket app = app(family)) {
      app.send("who?", resolver(family));
      answer(proxy, "who?", "me");
      assertThat(app.receive()).isEqualTo(new Datagram(resolver(family), "me"));
    }
  }

  @ParameterizedTest
  @EnumSource
  void connectedQueryIsAnsweredByResolverThatWasAsked(Family family) throws Exception {
    try (TestSocket proxy = proxy(family);
        TestSocket app = app(family).connected(resolver(family))) {
      assertThat(app.peer()).isEqualTo(resolver(family));
      assertThat(app.own().getAddress()).isEqualTo(family.of(lab.client));
      app.send("who?", null);
      answer(proxy, "who?", "me");
      assertThat(app.receive()).isEqualTo(new Datagram(resolver(family), "me"));
    }
  }

  @ParameterizedTest
  @EnumSource
  void proxySeesResolverThatWasAsked(Family family) throws Exception {
    try (TestSocket proxy = proxy(family);
        TestSocket unconnected = app(family);
        TestSocket connected = app(family).connected(resolver(family))) {
      unconnected.send("who?", resolver(family));
      assertThat(proxy.receive().from().getAddress()).isEqualTo(resolver(family).getAddress());
      connected.send("who?", null);
      Datagram asked = proxy.receive();
      int port = connected.own().getPort();
      assertThat(asked.from()).isEqualTo(at(resolver(family).getAddress(), port));
    }
  }

  @ParameterizedTest
  @EnumSource
  void queryFromPodsOwnAddressIsSeenAndAnsweredThere(Family family) throws Exception {
    InetSocketAddress own = at(family.of(lab.client), 5353);
    try (TestSocket proxy = proxy(family);
        TestSocket app = app(family).bound(own)) {
      app.send("who?", resolver(family));
      Datagram asked = proxy.receive();
      assertThat(asked.from()).isEqualTo(own);
      proxy.send("me", asked.from());
      assertThat(app.receive()).isEqualTo(new Datagram(resolver(family), "me"));
    }
  }

  @ParameterizedTest
  @EnumSource
  void queryThatWasNotRedirectedIsSeenAsItIs(Family family) throws Exception {
    try (TestSocket proxy = proxy(family);
        TestSocket app = app(family)) {
      InetSocketAddress there = at(family.loopback(), DNS);
      app.send("who?", there);
      Datagram asked = proxy.receive();
      assertThat(asked.from().getAddress()).isEqualTo(family.loopback());
      proxy.send("me", asked.from());
      assertThat(app.receive()).isEqualTo(new Datagram(there, "me"));
    }
  }

  @ParameterizedTest
  @EnumSource
  void queryFromSocketConnectedElsewhereLeavesItsNames(Family family) throws Exception {
    InetSocketAddress elsewhere = at(family.of(lab.server), 443);
    try (TestSocket proxy = proxy(family);
        TestSocket app = app(family).connected(elsewhere)) {
      app.send("who?", resolver(family));
      assertThat(proxy.receive().text()).isEqualTo("who?");
      assertThat(app.peer()).isEqualTo(elsewhere);
      assertThat(app.own().getAddress()).isEqualTo(family.of(lab.client));
    }
  }

  @ParameterizedTest
  @EnumSource
  void socketThatConnectsAnewForgetsResolver(Family family) throws Exception {
    InetSocketAddress local = at(family.loopback(), 5353);
    try (TestSocket app = app(family).connected(resolver(family))) {
      app.connected(local);
      assertThat(app.peer()).isEqualTo(local);
      assertThat(app.own().getAddress()).isEqualTo(family.loopback());
    }
  }

  @ParameterizedTest
  @EnumSource
  void otherDatagramsPass(Family family) throws Exception {
    InetSocketAddress there = at(family.of(lab.server), 5353);
    try (TestSocket server = lab.server.udp(family.domain()).bound(there);
        TestSocket app = app(family)) {
      app.send("hello", there);
      Datagram received = server.receive();
      assertThat(received.text()).isEqualTo("hello");
      server.send("you too", received.from());
      assertThat(app.receive()).isEqualTo(new Datagram(there, "you too"));
    }
  }

  @ParameterizedTest
  @EnumSource
  void proxyAsksResolverItself(Family family) throws Exception {
    InetSocketAddress there = at(family.of(lab.server), 53);
    try (TestSocket resolver = lab.server.udp(family.domain()).bound(there);
        TestSocket proxy = app(family).marked();
        TestSocket connected = app(family).marked().connected(there)) {
      proxy.send("who?", there);
      answer(resolver, "who?", "me");
      assertThat(proxy.receive()).isEqualTo(new Datagram(there, "me"));
      connected.send("who?", null);
      answer(resolver, "who?", "me");
      assertThat(connected.receive()).isEqualTo(new Datagram(there, "me"));
    }
  }

  @ParameterizedTest
  @EnumSource
  void podThatIsOnlyKnownAsksResolverItself(Family family) throws Exception {
    lab.enrol(lab.client, KNOWN);
    InetSocketAddress there = at(family.of(lab.server), 53);
    try (TestSocket resolver = lab.server.udp(family.domain()).bound(there);
        TestSocket app = app(family)) {
      app.send("who?", there);
      answer(resolver, "who?", "me");
      assertThat(app.receive()).isEqualTo(new Datagram(there, "me"));
    }
  }

  @ParameterizedTest
  @EnumSource
  void localResolverOfPodIsNotCaptured(Family family) throws Exception {
    InetSocketAddress local = at(family.loopback(), 53);
    try (TestSocket resolver = lab.client.udp(family.domain()).bound(local);
        TestSocket app = app(family)) {
      app.send("who?", local);
      answer(resolver, "who?", "me");
      assertThat(app.receive()).isEqualTo(new Datagram(local, "me"));
    }
  }

  @ParameterizedTest
  @EnumSource
  void withoutProxyQueryFails(Family family) throws Exception {
    try (TestSocket app = app(family).connected(resolver(family))) {
      app.send("who?", null);
      assertThatThrownBy(app::receive).hasMessageContaining("ECONNREFUSED");
    }
  }
}
