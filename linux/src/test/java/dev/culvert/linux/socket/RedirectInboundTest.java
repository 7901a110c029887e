// SPDX-License-Identifier: Apache-2.0
package dev.culvert.linux.socket;

import static dev.culvert.linux.socket.RedirectLab.CAPTURE;
import static dev.culvert.linux.socket.RedirectLab.KNOWN;
import static dev.culvert.linux.socket.RedirectLab.at;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.culvert.linux.bpf.NeedsRoot;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** What reaches an enrolled pod from outside of the mesh, from itself and from the kubelet. */
@NeedsRoot
final class RedirectInboundTest extends RedirectCase {
  private static final int INBOUND = 15006;
  private static final int HBONE = 15008;
  private static final int APP = 8080;

  @BeforeEach
  void enrol() throws Exception {
    lab.enrol(lab.server, CAPTURE);
    lab.steer(lab.server);
  }

  private static TestSocket inboundProxy() throws Exception {
    return proxy(lab.server, INBOUND);
  }

  private static TestSocket app(Family family) throws Exception {
    return listener(family, APP);
  }

  private static TestSocket listener(Family family, int port) throws Exception {
    return lab.server.tcp(family.domain()).bound(at(family.any(), port)).listening();
  }

  /** Opened by the other pod, which is not enrolled. */
  private static TestSocket dial(Family family, int port) throws Exception {
    return lab.client.tcp(family.domain()).connected(at(family.of(lab.server), port));
  }

  private static void assertRefused(Family family) {
    assertThatThrownBy(() -> dial(family, APP)).hasMessageContaining("ECONNREFUSED");
  }

  @ParameterizedTest
  @EnumSource
  void newConnectionGoesToProxyWhateverItsPort(Family family) throws Exception {
    InetSocketAddress dialled = at(family.of(lab.server), APP);
    try (TestSocket app = app(family);
        TestSocket proxy = inboundProxy();
        TestSocket out = dial(family, APP);
        TestSocket taken = proxy.accept()) {
      assertThat(taken.acceptedFrom()).isEqualTo(out.own());
      assertThat(taken.peer()).isEqualTo(out.own());
      assertThat(taken.own()).isEqualTo(dialled);
      assertThat(SocketOptions.originalDestination(taken.fd())).isEqualTo(dialled);
      assertThat(app.own().getPort()).isEqualTo(APP);
    }
  }

  @Test
  void portThatNobodyListensOnGoesToProxyToo() throws Exception {
    try (TestSocket proxy = inboundProxy();
        TestSocket out = dial(Family.IPV4, 4242);
        TestSocket taken = proxy.accept()) {
      assertThat(taken.peer()).isEqualTo(out.own());
      assertThat(SocketOptions.originalDestination(taken.fd()))
          .isEqualTo(at(lab.server.ip4(), 4242));
    }
  }

  @ParameterizedTest
  @EnumSource
  void withoutProxyNothingComesIn(Family family) throws Exception {
    try (TestSocket app = app(family)) {
      assertRefused(family);
      assertThat(app.own().getPort()).isEqualTo(APP);
    }
  }

  @ParameterizedTest
  @EnumSource
  void proxyThatIsGoneLetsNothingIn(Family family) throws Exception {
    try (TestSocket app = app(family)) {
      inboundProxy().close();
      assertRefused(family);
      assertThat(app.own().getPort()).isEqualTo(APP);
    }
  }

  @ParameterizedTest
  @EnumSource
  void newestProxyTakesOver(Family family) throws Exception {
    try (TestSocket older = inboundProxy();
        TestSocket first = dial(family, APP);
        TestSocket newer = inboundProxy();
        TestSocket second = dial(family, APP);
        TestSocket third = dial(family, APP);
        TestSocket kept = older.accept();
        TestSocket taken = newer.accept();
        TestSocket takenToo = newer.accept()) {
      assertThat(kept.peer()).isEqualTo(first.own());
      assertThat(taken.peer()).isEqualTo(second.own());
      assertThat(takenToo.peer()).isEqualTo(third.own());
    }
  }

  @Test
  void unmarkedListenerDoesNotRegister() throws Exception {
    try (TestSocket impostor = listener(Family.IPV4_ON_IPV6, INBOUND)) {
      assertRefused(Family.IPV4);
      assertRefused(Family.IPV6);
      assertThat(impostor.own().getPort()).isEqualTo(INBOUND);
    }
  }

  @Test
  void podThatIsOnlyKnownMayRegisterBeforeItIsSteered() throws Exception {
    lab.reset();
    lab.enrol(lab.server, KNOWN);
    try (TestSocket proxy = inboundProxy()) {
      lab.steer(lab.server);
      try (TestSocket out = dial(Family.IPV4, APP);
          TestSocket taken = proxy.accept()) {
        assertThat(taken.peer()).isEqualTo(out.own());
      }
    }
  }

  private static TestSocket tunnelProxy() throws Exception {
    return proxy(lab.server, HBONE);
  }

  @ParameterizedTest
  @EnumSource
  void tunnelGoesToNewestProxysTunnelListener(Family family) throws Exception {
    try (TestSocket proxy = inboundProxy();
        TestSocket older = tunnelProxy();
        TestSocket newer = tunnelProxy();
        TestSocket out = dial(family, HBONE);
        TestSocket accepted = newer.accept()) {
      assertThat(accepted.peer()).isEqualTo(out.own());
      assertThat(accepted.own()).isEqualTo(at(family.of(lab.server), HBONE));
      assertThat(older.own().getPort()).isEqualTo(HBONE);
      assertThat(proxy.own().getPort()).isEqualTo(INBOUND);
    }
  }

  @ParameterizedTest
  @EnumSource
  void applicationOnTunnelPortIsNotReached(Family family) throws Exception {
    try (TestSocket proxy = inboundProxy();
        TestSocket app = listener(family, HBONE)) {
      assertThatThrownBy(() -> dial(family, HBONE)).hasMessageContaining("ECONNREFUSED");
      assertThat(app.own().getPort()).isEqualTo(HBONE);
      assertThat(proxy.own().getPort()).isEqualTo(INBOUND);
    }
  }

  @ParameterizedTest
  @EnumSource
  void proxyDeliversWithinPod(Family family) throws Exception {
    try (TestSocket app = app(family);
        TestSocket proxy = inboundProxy();
        TestSocket delivery =
            lab.server
                .tcp(family.domain())
                .marked()
                .bound(at(family.of(lab.server), 0))
                .connected(at(family.of(lab.server), APP));
        TestSocket accepted = app.accept()) {
      assertThat(accepted.peer()).isEqualTo(delivery.own());
      assertThat(proxy.own().getPort()).isEqualTo(INBOUND);
    }
  }

  @ParameterizedTest
  @EnumSource
  void applicationSeesTrueClient(Family family) throws Exception {
    InetSocketAddress client = at(family.of(lab.client), 31_337);
    try (TestSocket app = app(family);
        TestSocket delivery = lab.server.tcp(family.domain()).marked()) {
      SocketOptions.presentPeer(delivery.fd(), client);
      delivery.bound(at(family.of(lab.server), 0)).connected(at(family.of(lab.server), APP));
      try (TestSocket accepted = app.accept()) {
        assertThat(accepted.acceptedFrom()).isEqualTo(client);
        assertThat(accepted.peer()).isEqualTo(client);
        assertThat(accepted.own()).isEqualTo(at(family.of(lab.server), APP));
        assertThat(delivery.peer()).isEqualTo(accepted.own());
        assertThat(lab.entries("presents")).isZero();
      }
    }
  }

  @Test
  void presentedPeerIsNotTakenByLaterConnectionFromSamePort() throws Exception {
    int port;
    try (TestSocket delivery = lab.server.tcp(TestSocket.AF_INET).marked()) {
      SocketOptions.presentPeer(delivery.fd(), at("198.18.77.9", 9));
      delivery.bound(at(lab.server.ip4(), 0));
      port = delivery.own().getPort();
      assertThatThrownBy(() -> delivery.connected(at(lab.server.ip4(), APP)))
          .hasMessageContaining("ECONNREFUSED");
    }
    try (TestSocket app = app(Family.IPV4);
        TestSocket own =
            lab.server
                .tcp(TestSocket.AF_INET)
                .marked()
                .bound(at(lab.server.ip4(), port))
                .connected(at(lab.server.ip4(), APP));
        TestSocket accepted = app.accept()) {
      assertThat(accepted.peer()).isEqualTo(own.own());
    }
  }

  @ParameterizedTest
  @EnumSource
  void loopbackWithinPodIsNotSteered(Family family) throws Exception {
    try (TestSocket app = app(family);
        TestSocket out = lab.server.tcp(family.domain()).connected(at(family.loopback(), APP));
        TestSocket accepted = app.accept()) {
      assertThat(accepted.peer()).isEqualTo(out.own());
    }
  }

  @Test
  void addressThatIsNotEnrolledIsNotSteered() throws Exception {
    lab.reset();
    try (TestSocket app = app(Family.IPV4);
        TestSocket out = dial(Family.IPV4, APP);
        TestSocket accepted = app.accept()) {
      assertThat(accepted.peer()).isEqualTo(out.own());
    }
  }

  @Test
  @Timeout(20)
  void linkLocalAddressIsNoWayIn() throws Exception {
    InetAddress linkLocal = linkLocalOf(lab.server);
    int scope = lab.client.interfaceIndex();
    try (TestSocket app = app(Family.IPV6);
        TestSocket proxy = inboundProxy();
        TestSocket out = lab.client.tcp(TestSocket.AF_INET6)) {
      assertThatThrownBy(() -> out.connectedInScope(at(linkLocal, APP), scope))
          .hasMessageContaining("ECONNREFUSED");
      assertThat(app.own().getPort()).isEqualTo(APP);
      assertThat(proxy.own().getPort()).isEqualTo(INBOUND);
    }
  }

  private static InetAddress linkLocalOf(RedirectLab.Pod pod) throws Exception {
    while (true) {
      for (InetAddress address : pod.namespace().addresses()) {
        if (address.isLinkLocalAddress()) {
          return address;
        }
      }
      Thread.sleep(1);
    }
  }

  @ParameterizedTest
  @EnumSource
  @Timeout(20)
  void probeReachesApplicationAndIsForgottenWhenClosed(Family family) throws Exception {
    try (TestSocket app = app(family);
        TestSocket proxy = inboundProxy()) {
      try (TestSocket probe = lab.asKubelet(() -> dial(family, APP));
          TestSocket accepted = app.accept()) {
        assertThat(accepted.peer()).isEqualTo(probe.own());
        assertThat(lab.entries("probes")).isOne();
      }
      // Closed at the application first or at the kubelet first: the entry goes with the last FIN.
      while (lab.entries("probes") > 0) {
        Thread.sleep(1);
      }
      try (TestSocket other = dial(family, APP);
          TestSocket taken = proxy.accept()) {
        assertThat(taken.peer()).isEqualTo(other.own());
      }
    }
  }

  @Test
  void failedProbeIsForgotten() throws Exception {
    assertThatThrownBy(() -> lab.asKubelet(() -> dial(Family.IPV4, APP)))
        .hasMessageContaining("ECONNREFUSED");
    assertThat(lab.entries("probes")).isZero();
  }

  @Test
  void kubeletConnectionsElsewhereAreNotNoted() throws Exception {
    try (TestSocket elsewhere =
            lab.client.tcp(TestSocket.AF_INET).bound(at("0.0.0.0", APP)).listening();
        TestSocket out =
            lab.asKubelet(() -> lab.server.tcp(TestSocket.AF_INET).marked())
                .connected(at(lab.client.ip4(), APP));
        TestSocket accepted = elsewhere.accept()) {
      assertThat(accepted.peer()).isEqualTo(out.own());
      assertThat(lab.entries("probes")).isZero();
    }
  }
}
