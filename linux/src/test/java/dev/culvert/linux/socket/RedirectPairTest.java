// SPDX-License-Identifier: Apache-2.0
package dev.culvert.linux.socket;

import static dev.culvert.linux.socket.RedirectLab.CAPTURE;
import static dev.culvert.linux.socket.RedirectLab.KNOWN;
import static dev.culvert.linux.socket.RedirectLab.at;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.culvert.linux.MonotonicClock;
import dev.culvert.linux.bpf.NeedsRoot;
import dev.culvert.linux.socket.RedirectLab.Pod;
import dev.culvert.linux.socket.RedirectLab.Report;
import java.net.InetSocketAddress;
import java.util.HashSet;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Connections between two pods that the proxy need not see, and what must not pass as one. */
@NeedsRoot
@Timeout(60)
final class RedirectPairTest extends RedirectCase {
  private static final int OUTBOUND = 15001;
  private static final int INBOUND = 15006;
  private static final int APP = 8080;
  private static final long NOW = 0x5eed_5eed_5eedL;

  @BeforeEach
  void enrol() throws Exception {
    for (Pod pod : new Pod[] {lab.client, lab.server}) {
      lab.enrol(pod, CAPTURE);
      lab.steer(pod);
    }
    lab.generation(NOW);
  }

  private static InetSocketAddress app(Family family) {
    return at(family.of(lab.server), APP);
  }

  private static void grant(Family family) throws Exception {
    lab.grant(NOW, lab.client, app(family), lab.server, app(family));
  }

  private static TestSocket listening(Family family) throws Exception {
    return lab.server.tcp(family.domain()).bound(at(family.any(), APP)).listening();
  }

  private static TestSocket dial(Family family) throws Exception {
    return lab.client.tcp(family.domain()).connected(app(family));
  }

  private static void assertRefused(Family family) {
    assertThatThrownBy(() -> dial(family)).hasMessageContaining("ECONNREFUSED");
  }

  /** Captured, and not straight at the application. */
  private static void assertProxied(Family family) throws Exception {
    try (TestSocket proxy = proxy(lab.client, OUTBOUND);
        TestSocket out = dial(family);
        TestSocket taken = proxy.accept()) {
      assertThat(SocketOptions.originalDestination(taken.fd())).isEqualTo(app(family));
      assertThat(taken.peer()).isEqualTo(out.own());
    }
  }

  @ParameterizedTest
  @EnumSource
  void grantedPairNeedsNoProxy(Family family) throws Exception {
    grant(family);
    try (TestSocket app = listening(family);
        TestSocket out = dial(family);
        TestSocket taken = app.accept()) {
      assertThat(out.peer()).isEqualTo(app(family));
      assertThat(out.own().getAddress()).isEqualTo(family.of(lab.client));
      assertThat(taken.peer()).isEqualTo(out.own());
      assertThat(taken.acceptedFrom()).isEqualTo(out.own());
      assertThat(taken.own()).isEqualTo(app(family));
      out.send("hello", null);
      assertThat(taken.receive().text()).isEqualTo("hello");
      assertThat(lab.entries("flows")).isZero();
    }
  }

  @ParameterizedTest
  @EnumSource
  void serviceAddressLeadsToItsEndpointAndKeepsItsName(Family family) throws Exception {
    InetSocketAddress vip = at(family.address("198.18.200.1", "fd00:c01:200::1"), 80);
    lab.grant(NOW, lab.client, vip, lab.server, app(family));
    try (TestSocket app = listening(family);
        TestSocket out = lab.client.tcp(family.domain()).connected(vip);
        TestSocket taken = app.accept()) {
      assertThat(out.peer()).isEqualTo(vip);
      assertThat(taken.peer()).isEqualTo(out.own());
    }
  }

  @ParameterizedTest
  @EnumSource
  void multipathTcpPassesToo(Family family) throws Exception {
    grant(family);
    try (TestSocket app = listening(family);
        TestSocket out = lab.client.multipath(family.domain()).connected(app(family));
        TestSocket taken = app.accept()) {
      out.send("hello", null);
      assertThat(taken.receive().text()).isEqualTo("hello");
    }
  }

  @ParameterizedTest
  @EnumSource
  void withoutGrantItIsProxied(Family family) throws Exception {
    try (TestSocket app = listening(family)) {
      assertProxied(family);
      assertThat(app.own().getPort()).isEqualTo(APP);
    }
  }

  @ParameterizedTest
  @EnumSource
  void withoutGrantAndProxyItIsRefused(Family family) throws Exception {
    try (TestSocket app = listening(family)) {
      assertRefused(family);
      assertThat(app.own().getPort()).isEqualTo(APP);
    }
  }

  @ParameterizedTest
  @EnumSource
  void grantOfAnotherGenerationIsVoid(Family family) throws Exception {
    grant(family);
    lab.generation(NOW + 1);
    try (TestSocket app = listening(family)) {
      assertRefused(family);
      assertProxied(family);
      assertThat(app.own().getPort()).isEqualTo(APP);
    }
  }

  @Test
  void generationZeroNeverCounts() throws Exception {
    lab.generation(0);
    lab.grant(0, lab.client, app(Family.IPV4), lab.server, app(Family.IPV4));
    assertProxied(Family.IPV4);
  }

  @ParameterizedTest
  @EnumSource
  void deadAgentsLeaseRunsOut(Family family) throws Exception {
    grant(family);
    lab.lease(MonotonicClock.nanos() - 1);
    try (TestSocket app = listening(family)) {
      assertRefused(family);
      assertProxied(family);
      assertThat(app.own().getPort()).isEqualTo(APP);
    }
  }

  @Test
  void grantIsForOnePortAndOneSourceOnly() throws Exception {
    lab.grant(NOW, lab.client, at(lab.server.ip4(), APP + 1), lab.server, app(Family.IPV4));
    assertRefused(Family.IPV4);
    lab.grant(NOW, lab.server, app(Family.IPV4), lab.server, app(Family.IPV4));
    assertRefused(Family.IPV4);
  }

  @Test
  void podThatIsNotCapturedAnyMoreUsesNoGrant() throws Exception {
    grant(Family.IPV4);
    lab.enrol(lab.client, KNOWN);
    try (TestSocket app = listening(Family.IPV4)) {
      assertRefused(Family.IPV4); // as anybody's plaintext: there is no proxy to judge it
      assertThat(lab.entries("flows")).isZero();
      assertThat(app.own().getPort()).isEqualTo(APP);
    }
  }

  @Test
  void addressThatAnotherPodHasNowIsNotReached() throws Exception {
    grant(Family.IPV4);
    lab.own(lab.server.ip4(), lab.server.namespace().cookie() + 1);
    assertProxied(Family.IPV4);
  }

  @Test
  void namespaceCookiesAreNotUsedTwice() throws Exception {
    Set<Long> cookies = new HashSet<>();
    for (int i = 0; i < 50; i++) {
      try (TestNamespace made = new TestNamespace();
          NetworkNamespace opened = made.open()) {
        assertThat(cookies.add(opened.cookie())).isTrue();
      }
    }
  }

  @Test
  void recordedConnectionOfVoidGenerationDoesNotGetIn() throws Exception {
    InetSocketAddress from = at(lab.client.ip4(), 41_000);
    lab.enrol(lab.client, KNOWN);
    try (TestSocket app = listening(Family.IPV4);
        TestSocket proxy = proxy(lab.server, INBOUND)) {
      for (long generation : new long[] {0, NOW - 1}) {
        lab.record(generation, from, app(Family.IPV4), lab.server.namespace().cookie());
        try (TestSocket out = lab.client.tcp(TestSocket.AF_INET).bound(from)) {
          assertThatThrownBy(() -> out.connected(app(Family.IPV4)))
              .hasMessageContaining("ECONNREFUSED");
        }
      }
      assertThat(app.own().getPort()).isEqualTo(APP);
      assertThat(proxy.own().getPort()).isEqualTo(INBOUND);
    }
  }

  @Test
  void recordForAnotherNamespaceDoesNotLetIn() throws Exception {
    InetSocketAddress from = at(lab.client.ip4(), 41_001);
    lab.enrol(lab.client, KNOWN);
    lab.record(NOW, from, app(Family.IPV4), lab.server.namespace().cookie() + 1);
    try (TestSocket app = listening(Family.IPV4);
        TestSocket out = lab.client.tcp(TestSocket.AF_INET).bound(from)) {
      assertThatThrownBy(() -> out.connected(app(Family.IPV4)))
          .hasMessageContaining("ECONNREFUSED");
      assertThat(app.own().getPort()).isEqualTo(APP);
    }
  }

  @Test
  void socketOnAnotherAddressOfThePodIsRefused() throws Exception {
    TestNamespace.ip("-n", lab.clientName(), "addr", "add", "198.18.77.66/24", "dev", "veth0");
    try (TestSocket app = listening(Family.IPV4);
        TestSocket proxy = proxy(lab.server, INBOUND);
        TestSocket out = lab.client.tcp(TestSocket.AF_INET).bound(at("198.18.77.66", 0))) {
      grant(Family.IPV4);
      assertThatThrownBy(() -> out.connected(app(Family.IPV4)))
          .hasMessageContaining("ECONNREFUSED");
      assertThat(lab.entries("flows")).isZero();
      assertThat(app.own().getPort()).isEqualTo(APP);
      assertThat(proxy.own().getPort()).isEqualTo(INBOUND);
    } finally {
      TestNamespace.ip("-n", lab.clientName(), "addr", "del", "198.18.77.66/24", "dev", "veth0");
    }
  }

  /** A third namespace with the same source address and port, once the recorded one is used up. */
  @Test
  void sameSourceElsewhereGoesToTheProxyOnceTheRecordIsTaken() throws Exception {
    grant(Family.IPV4);
    InetSocketAddress from;
    try (TestSocket app = listening(Family.IPV4);
        TestSocket out = dial(Family.IPV4);
        TestSocket taken = app.accept()) {
      from = out.own();
      assertThat(taken.peer()).isEqualTo(from);
    }
    lab.enrol(lab.client, KNOWN); // its connects are not looked at, as those of any stranger
    try (TestSocket app = listening(Family.IPV4);
        TestSocket proxy = proxy(lab.server, INBOUND);
        TestSocket out =
            lab.client.tcp(TestSocket.AF_INET).bound(from).connected(app(Family.IPV4));
        TestSocket taken = proxy.accept()) {
      assertThat(taken.peer()).isEqualTo(out.own());
      assertThat(app.own().getPort()).isEqualTo(APP);
    }
  }

  @Test
  void connectThatFailsLeavesNoRecord() throws Exception {
    grant(Family.IPV4);
    assertRefused(Family.IPV4); // nobody listens
    assertThat(lab.entries("flows")).isZero();
    assertThat(awaitReport().opened()).isFalse();
  }

  @ParameterizedTest
  @EnumSource
  void bytesAreReportedAtTheEnd(Family family) throws Exception {
    for (boolean clientFirst : new boolean[] {true, false}) {
      grant(family);
      try (TestSocket app = listening(family);
          TestSocket out = dial(family);
          TestSocket taken = app.accept()) {
        out.send("question", null);
        assertThat(taken.receive().text()).isEqualTo("question");
        taken.send("answer is 42", null);
        assertThat(out.receive().text()).isEqualTo("answer is 42");
        (clientFirst ? out : taken).close();
        (clientFirst ? taken : out).receive();
      }
      assertThat(awaitReport())
          .isEqualTo(
              new Report(
                  lab.client.namespace().cookie(), lab.server.namespace().cookie(), true, 8, 12));
    }
  }

  private static Report awaitReport() throws Exception {
    Optional<Report> report = lab.report();
    while (report.isEmpty()) {
      Thread.sleep(1);
      report = lab.report();
    }
    return report.get();
  }

  @ParameterizedTest
  @EnumSource
  void connectionIsFoundAndResetByItsEnds(Family family) throws Exception {
    grant(family);
    try (TestSocket app = listening(family);
        TestSocket out = dial(family);
        TestSocket taken = app.accept();
        TcpDiagnosis client = TcpDiagnosis.in(lab.client.namespace())) {
      TcpConnection found =
          client.connections().stream()
              .filter(c -> c.remote().equals(app(family)))
              .findFirst()
              .orElseThrow();
      assertThat(found.mark()).isZero();
      assertThat(client.destroy(found)).isTrue();
      assertThatThrownBy(() -> out.send("more", null)).hasMessageContaining("ECONNABORTED");
      assertThatThrownBy(taken::receive).hasMessageContaining("ECONNRESET");
      assertThat(client.destroy(found)).isFalse();
      assertThat(client.connections()).noneMatch(c -> c.remote().equals(app(family)));
    }
  }

  /** A connect that races the revocation is refused, proxied or found by the sweep. */
  @Test
  void nothingSurvivesRevocationThatRacesConnects() throws Exception {
    grant(Family.IPV4);
    try (TestSocket app = listening(Family.IPV4);
        TcpDiagnosis client = TcpDiagnosis.in(lab.client.namespace());
        RacingConnects racing = new RacingConnects(lab.client, app, app(Family.IPV4), 2)) {
      for (int round = 1; round <= 100; round++) {
        lab.generation(NOW);
        racing.awaitMore(20);
        lab.generation(NOW + round); // void, while connects are under way
        for (TcpConnection each : client.connections()) {
          if (each.remote().equals(app(Family.IPV4))) {
            client.destroy(each);
          }
        }
        racing.awaitRound();
        assertThat(client.connections())
            .as("round %d", round)
            .noneMatch(c -> c.remote().equals(app(Family.IPV4)));
      }
      assertThat(app.own().getPort()).isEqualTo(APP);
    }
  }
}
