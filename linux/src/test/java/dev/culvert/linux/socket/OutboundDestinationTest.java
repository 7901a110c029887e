// SPDX-License-Identifier: Apache-2.0
package dev.culvert.linux.socket;

import static dev.culvert.linux.socket.RedirectLab.KNOWN;
import static dev.culvert.linux.socket.RedirectLab.at;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.culvert.linux.bpf.NeedsRoot;
import dev.culvert.linux.errno.ErrnoException;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Whom a steered connection asked for, and who learns it. */
@NeedsRoot
final class OutboundDestinationTest extends OutboundCase {
  @ParameterizedTest
  @EnumSource
  void socketThatFailedForgetsWhatItAsked(Family family) throws Exception {
    try (TestSocket app = app(family)) {
      assertThatThrownBy(() -> app.connected(at(family.of(lab.server), APP)))
          .hasMessageContaining("ECONNREFUSED");
      try (TestSocket proxy = dualStackProxy();
          TestSocket direct = app.connected(at(family.loopback(), OUTBOUND));
          TestSocket taken = proxy.accept()) {
        assertThat(direct.peer()).isEqualTo(at(family.loopback(), OUTBOUND));
        assertThat(taken.peer()).isEqualTo(direct.own());
        assertThatThrownBy(() -> SocketOptions.originalDestination(taken.fd()))
            .isInstanceOf(ErrnoException.class);
      }
    }
  }

  @Test
  void manyAtOnceKeepTheirOwnDestinations() throws Exception {
    int threads = 4;
    int each = 500;
    try (TestSocket proxy = dualStackProxy();
        ExecutorService apps = Executors.newFixedThreadPool(threads)) {
      List<Future<Integer>> done = new ArrayList<>();
      for (int t = 0; t < threads; t++) {
        int first = 20_000 + t * each;
        done.add(apps.submit(() -> connectAll(first, each)));
      }
      for (int i = 0; i < threads * each; i++) {
        try (TestSocket taken = proxy.accept()) {
          int asked = SocketOptions.originalDestination(taken.fd()).getPort();
          assertThat(taken.receive().text()).isEqualTo("to " + asked);
        }
      }
      for (Future<Integer> connected : done) {
        assertThat(connected.get()).isEqualTo(each);
      }
      assertThat(lab.entries("originals")).isZero();
    }
  }

  private int connectAll(int firstPort, int count) throws Exception {
    int connected = 0;
    for (int port = firstPort; port < firstPort + count; port++) {
      Family family = port % 2 == 0 ? Family.IPV6 : Family.IPV4_ON_IPV6;
      try (TestSocket app = app(family).connected(at(family.of(lab.server), port))) {
        app.send("to " + port, null);
        connected++;
      }
    }
    return connected;
  }

  @ParameterizedTest
  @EnumSource
  void directConnectToProxyHasNoDestination(Family family) throws Exception {
    try (TestSocket proxy = dualStackProxy();
        TestSocket app = app(family).connected(at(family.loopback(), OUTBOUND));
        TestSocket taken = proxy.accept()) {
      assertThatThrownBy(() -> SocketOptions.originalDestination(taken.fd()))
          .isInstanceOf(ErrnoException.class);
      assertThat(taken.peer()).isEqualTo(app.own());
    }
  }

  @ParameterizedTest
  @EnumSource
  void destinationLeftOverIsNotTakenByLaterConnectionFromSamePort(Family family) throws Exception {
    int port;
    try (TestSocket app = app(family)) {
      assertThatThrownBy(() -> app.connected(at(family.of(lab.server), APP)))
          .hasMessageContaining("ECONNREFUSED");
      assertThat(lab.entries("originals")).isOne();
      port = lastPort();
    }
    lab.enrol(lab.client, KNOWN);
    try (TestSocket proxy = dualStackProxy();
        TestSocket direct =
            app(family).bound(at(family.of(lab.client), port)).connected(proxyAt(family));
        TestSocket taken = proxy.accept()) {
      assertThat(taken.peer()).isEqualTo(direct.own());
      assertThatThrownBy(() -> SocketOptions.originalDestination(taken.fd()))
          .isInstanceOf(ErrnoException.class);
      assertThat(lab.entries("originals")).isZero();
    }
  }

  private InetSocketAddress proxyAt(Family family) {
    return at(family.of(lab.client), OUTBOUND);
  }

  /** The source port of the only entry: behind the cookie and the address, in network order. */
  private int lastPort() throws Exception {
    byte[] key = lab.keys("originals").getFirst();
    return (key[24] & 0xff) << 8 | (key[25] & 0xff);
  }

  @ParameterizedTest
  @EnumSource
  void destinationIsTakenOnce(Family family) throws Exception {
    try (TestSocket proxy = dualStackProxy();
        TestSocket app = app(family).connected(at(family.of(lab.server), APP));
        TestSocket taken = proxy.accept()) {
      assertThat(taken.peer()).isEqualTo(app.own());
      assertThat(lab.entries("originals")).isZero();
      // It stays with the socket, however often it is asked.
      assertThat(SocketOptions.originalDestination(taken.fd()))
          .isEqualTo(SocketOptions.originalDestination(taken.fd()));
    }
  }

  @ParameterizedTest
  @EnumSource
  void unmarkedListenerOnProxyPortLearnsNothing(Family family) throws Exception {
    try (TestSocket impostor =
            lab.client.tcp(family.domain()).bound(at(family.any(), OUTBOUND)).listening();
        TestSocket app = app(family).connected(at(family.of(lab.server), APP));
        TestSocket accepted = impostor.accept()) {
      assertThatThrownBy(() -> SocketOptions.originalDestination(accepted.fd()))
          .isInstanceOf(ErrnoException.class);
      assertThat(accepted.peer().getAddress()).isEqualTo(family.of(lab.client));
      assertThat(app.peer()).isEqualTo(at(family.of(lab.server), APP));
    }
  }

  @Test
  void familiesDoNotMixWhenPortsAreEqual() throws Exception {
    try (TestSocket proxy = dualStackProxy();
        TestSocket one =
            app(Family.IPV4).bound(at("127.0.0.1", 20_000)).connected(at(lab.server.ip4(), 81));
        TestSocket two =
            app(Family.IPV6).bound(at("::1", 20_000)).connected(at(lab.server.ip6(), 82));
        TestSocket first = proxy.accept();
        TestSocket second = proxy.accept()) {
      assertThat(SocketOptions.originalDestination(first.fd())).isEqualTo(one.peer());
      assertThat(SocketOptions.originalDestination(second.fd())).isEqualTo(two.peer());
    }
  }

  @Test
  void namesOutliveEnrolment() throws Exception {
    InetSocketAddress asked = at(lab.server.ip4(), APP);
    try (TestSocket proxy = dualStackProxy();
        TestSocket app = app(Family.IPV4).connected(asked);
        TestSocket taken = proxy.accept()) {
      lab.remove(lab.client);
      assertThat(app.peer()).isEqualTo(asked);
      assertThat(app.own().getAddress()).isEqualTo(lab.client.ip4());
      assertThat(taken.peer()).isEqualTo(app.own());
      assertThat(SocketOptions.originalDestination(taken.fd())).isEqualTo(asked);
    }
  }
}
