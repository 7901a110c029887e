// SPDX-License-Identifier: Apache-2.0
package dev.culvert.linux.socket;

import static dev.culvert.linux.socket.RedirectLab.CAPTURE;
import static dev.culvert.linux.socket.RedirectLab.KNOWN;
import static dev.culvert.linux.socket.RedirectLab.at;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.culvert.linux.bpf.NeedsRoot;
import java.net.InetSocketAddress;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** What is steered to the proxy, and what is not. */
@NeedsRoot
final class RedirectOutboundTest extends OutboundCase {
  @ParameterizedTest
  @EnumSource
  void connectIsCapturedAndProxyLearnsDestination(Family family) throws Exception {
    InetSocketAddress asked = at(family.of(lab.server), APP);
    try (TestSocket proxy = dualStackProxy();
        TestSocket app = app(family).connected(asked);
        TestSocket taken = proxy.accept()) {
      assertThat(SocketOptions.originalDestination(taken.fd())).isEqualTo(asked);
      assertThat(app.peer()).isEqualTo(asked);
      assertThat(app.own().getAddress()).isEqualTo(family.of(lab.client));
      assertThat(taken.acceptedFrom()).isEqualTo(app.own());
      assertThat(taken.peer()).isEqualTo(app.own());
      assertThat(taken.own()).isEqualTo(at(family.of(lab.client), OUTBOUND));
    }
  }

  @ParameterizedTest
  @EnumSource
  void socketBoundToLoopbackIsCapturedThere(Family family) throws Exception {
    InetSocketAddress asked = at(family.of(lab.server), APP);
    try (TestSocket proxy = dualStackProxy();
        TestSocket app = app(family).bound(at(family.loopback(), 0)).connected(asked);
        TestSocket taken = proxy.accept()) {
      assertThat(SocketOptions.originalDestination(taken.fd())).isEqualTo(asked);
      assertThat(app.peer()).isEqualTo(asked);
      assertThat(taken.own()).isEqualTo(at(family.loopback(), OUTBOUND));
    }
  }

  @ParameterizedTest
  @EnumSource
  void proxyThatListensOnLoopbackOnlyGetsWhatIsCaptured(Family family) throws Exception {
    InetSocketAddress asked = at(family.of(lab.server), APP);
    try (TestSocket proxy =
            lab.client
                .tcp(family.domain())
                .marked()
                .bound(at(family.loopback(), OUTBOUND))
                .listening();
        TestSocket app = app(family).connected(asked);
        TestSocket taken = proxy.accept()) {
      assertThat(SocketOptions.originalDestination(taken.fd())).isEqualTo(asked);
      assertThat(taken.peer()).isEqualTo(app.own());
    }
  }

  @ParameterizedTest
  @EnumSource
  void proxyThatListenedBeforeThePodWasKnownGetsWhatIsCaptured(Family family) throws Exception {
    InetSocketAddress asked = at(family.of(lab.server), APP);
    lab.remove(lab.client);
    try (TestSocket proxy = dualStackProxy()) {
      lab.enrol(lab.client, CAPTURE);
      try (TestSocket app = app(family).connected(asked);
          TestSocket taken = proxy.accept()) {
        assertThat(SocketOptions.originalDestination(taken.fd())).isEqualTo(asked);
        assertThat(taken.peer()).isEqualTo(app.own());
      }
    }
  }

  @Test
  void connectIsCapturedByListenerOfOneFamily() throws Exception {
    InetSocketAddress asked = at(lab.server.ip4(), APP);
    try (TestSocket proxy =
            lab.client.tcp(TestSocket.AF_INET).marked().bound(at("0.0.0.0", OUTBOUND)).listening();
        TestSocket app = app(Family.IPV4_ON_IPV6).connected(asked);
        TestSocket taken = proxy.accept()) {
      assertThat(SocketOptions.originalDestination(taken.fd())).isEqualTo(asked);
      assertThat(app.peer()).isEqualTo(asked);
      assertThat(taken.peer()).isEqualTo(at(lab.client.ip4(), app.own().getPort()));
    }
  }

  @ParameterizedTest
  @EnumSource
  void fastOpenIsCaptured(Family family) throws Exception {
    InetSocketAddress asked = at(family.of(lab.server), APP);
    try (TestSocket proxy = dualStackProxy();
        TestSocket app = app(family).connectedBySending("hello", asked);
        TestSocket taken = proxy.accept()) {
      assertThat(SocketOptions.originalDestination(taken.fd())).isEqualTo(asked);
      assertThat(app.peer()).isEqualTo(asked);
      assertThat(taken.receive().text()).isEqualTo("hello");
    }
  }

  @ParameterizedTest
  @EnumSource
  void multipathTcpIsCaptured(Family family) throws Exception {
    InetSocketAddress asked = at(family.of(lab.server), APP);
    try (TestSocket proxy = dualStackProxy();
        TestSocket app = lab.client.multipath(family.domain()).connected(asked);
        TestSocket taken = proxy.accept()) {
      assertThat(SocketOptions.originalDestination(taken.fd())).isEqualTo(asked);
      app.send("hello", null);
      assertThat(taken.receive().text()).isEqualTo("hello");
    }
  }

  @ParameterizedTest
  @EnumSource
  void boundSourceAddressIsKept(Family family) throws Exception {
    InetSocketAddress asked = at(family.of(lab.server), APP);
    try (TestSocket proxy = dualStackProxy();
        TestSocket app = app(family).bound(at(family.of(lab.client), 0)).connected(asked);
        TestSocket taken = proxy.accept()) {
      assertThat(SocketOptions.originalDestination(taken.fd())).isEqualTo(asked);
      assertThat(taken.peer()).isEqualTo(app.own());
    }
  }

  @ParameterizedTest
  @EnumSource
  void withoutProxyConnectIsRefused(Family family) throws Exception {
    try (TestSocket server = listeningServer(family);
        TestSocket app = app(family)) {
      assertThatThrownBy(() -> app.connected(at(family.of(lab.server), APP)))
          .hasMessageContaining("ECONNREFUSED");
      assertThat(server.own().getPort()).isEqualTo(APP);
    }
  }

  private TestSocket listeningServer(Family family) throws Exception {
    return lab.server.tcp(family.domain()).bound(at(family.any(), APP)).listening();
  }

  @ParameterizedTest
  @EnumSource
  void proxyItselfIsNotCaptured(Family family) throws Exception {
    try (TestSocket server = listeningServer(family);
        TestSocket out = app(family).marked().connected(at(family.of(lab.server), APP));
        TestSocket accepted = server.accept()) {
      assertThat(accepted.peer()).isEqualTo(out.own());
      assertThat(out.own().getAddress()).isEqualTo(family.of(lab.client));
    }
  }

  @ParameterizedTest
  @EnumSource
  void podThatIsOnlyKnownIsNotCaptured(Family family) throws Exception {
    lab.enrol(lab.client, KNOWN);
    try (TestSocket server = listeningServer(family);
        TestSocket out = app(family).connected(at(family.of(lab.server), APP));
        TestSocket accepted = server.accept()) {
      assertThat(accepted.peer()).isEqualTo(out.own());
    }
  }

  @ParameterizedTest
  @EnumSource
  void loopbackIsNotCaptured(Family family) throws Exception {
    try (TestSocket local =
            lab.client.tcp(family.domain()).bound(at(family.loopback(), APP)).listening();
        TestSocket app = app(family).connected(at(family.loopback(), APP));
        TestSocket accepted = local.accept()) {
      assertThat(app.own().getAddress()).isEqualTo(family.loopback());
      assertThat(accepted.peer()).isEqualTo(app.own());
    }
  }

  @ParameterizedTest
  @EnumSource
  void unspecifiedAddressMeansLoopback(Family family) throws Exception {
    try (TestSocket local =
            lab.client.tcp(family.domain()).bound(at(family.loopback(), APP)).listening();
        TestSocket app = app(family).connected(at(family.any(), APP));
        TestSocket accepted = local.accept()) {
      assertThat(accepted.peer()).isEqualTo(app.own());
    }
  }

  @Test
  void otherNamespacesAreUntouched() throws Exception {
    try (TestSocket listener =
            lab.client.tcp(TestSocket.AF_INET).bound(at("0.0.0.0", APP)).listening();
        TestSocket out = lab.server.tcp(TestSocket.AF_INET).connected(at(lab.client.ip4(), APP));
        TestSocket accepted = listener.accept()) {
      assertThat(accepted.peer()).isEqualTo(out.own());
    }
  }
}
