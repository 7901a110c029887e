// SPDX-License-Identifier: Apache-2.0
package dev.culvert.linux.socket;

import static dev.culvert.linux.socket.RedirectLab.CAPTURE;
import static dev.culvert.linux.socket.RedirectLab.at;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.culvert.linux.bpf.NeedsRoot;
import dev.culvert.linux.errno.ErrnoException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** The proxy's private options: what they do for it, and that they do nothing for anybody else. */
@NeedsRoot
final class RedirectOptionsTest extends RedirectCase {
  private static final int SOL_SOCKET = 1;
  private static final int SO_SNDBUF = 7;
  private static final int SOL_IP = 0;
  private static final int SOL_IPV6 = 41;

  @BeforeEach
  void enrol() throws Exception {
    lab.enrol(lab.client, CAPTURE);
  }

  @ParameterizedTest
  @EnumSource
  void unmarkedSocketMayNotPresentPeer(Family family) throws Exception {
    try (TestSocket app = lab.client.tcp(family.domain())) {
      assertThatThrownBy(() -> SocketOptions.presentPeer(app.fd(), at("198.18.77.9", 9)))
          .hasMessageContaining("EPERM");
    }
  }

  @Test
  void presentedPeerMustBeSocketAddress() throws Exception {
    try (TestSocket proxy = lab.client.tcp(TestSocket.AF_INET).marked()) {
      assertThatThrownBy(() -> setPresentPeer(proxy, new byte[4])).hasMessageContaining("EPERM");
      assertThatThrownBy(() -> setPresentPeer(proxy, new byte[64])).hasMessageContaining("EPERM");
    }
  }

  private static void setPresentPeer(TestSocket socket, byte[] value) throws ErrnoException {
    OptionCalls.set(socket.fd(), SOL_IP, SocketOptions.CULVERT_PRESENT_PEER, value, "peer");
  }

  @ParameterizedTest
  @EnumSource
  void applicationLearnsNoOriginalDestination(Family family) throws Exception {
    try (TestSocket proxy =
            lab.client.tcp(TestSocket.AF_INET6).marked().bound(at("::", 15001)).listening();
        TestSocket app = lab.client.tcp(family.domain())) {
      app.connected(at(family.of(lab.server), 80));
      assertThatThrownBy(() -> SocketOptions.originalDestination(app.fd()))
          .isInstanceOf(ErrnoException.class);
      assertThatThrownBy(() -> SocketOptions.originalDestination(proxy.fd()))
          .isInstanceOf(ErrnoException.class);
    }
  }

  @Test
  void originalIsAnsweredAtItsFamilysLevelOnly() throws Exception {
    try (TestSocket proxy =
            lab.client.tcp(TestSocket.AF_INET6).marked().bound(at("::", 15001)).listening();
        TestSocket four = lab.client.tcp(TestSocket.AF_INET6).connected(at("198.18.77.2", 80));
        TestSocket takenFour = proxy.accept();
        TestSocket six = lab.client.tcp(TestSocket.AF_INET6).connected(at("fd00:c01:77::2", 80));
        TestSocket takenSix = proxy.accept()) {
      assertThat(original(takenFour, SOL_IP, 64).limit()).isEqualTo(16);
      assertThatThrownBy(() -> original(takenFour, SOL_IPV6, 64))
          .isInstanceOf(ErrnoException.class);
      assertThat(original(takenSix, SOL_IPV6, 64).limit()).isEqualTo(28);
      assertThatThrownBy(() -> original(takenSix, SOL_IP, 64)).isInstanceOf(ErrnoException.class);
      assertThatThrownBy(() -> original(takenFour, SOL_IP, 15)).isInstanceOf(ErrnoException.class);
      assertThat(four.peer().getPort()).isEqualTo(six.peer().getPort());
    }
  }

  private static ByteBuffer original(TestSocket socket, int level, int size) throws ErrnoException {
    return OptionCalls.get(socket.fd(), level, SocketOptions.SO_ORIGINAL_DST, size, "original");
  }

  @Test
  void markNeedsNetAdminAlsoWhereKernelIsContentWithNetRaw() throws Exception {
    try (TestSocket app = lab.client.tcp(TestSocket.AF_INET)) {
      assertThatThrownBy(() -> ThreadCapabilities.withoutNetAdmin(app::marked))
          .isInstanceOf(ErrnoException.class)
          .hasMessageContaining("SO_MARK")
          .hasMessageContaining("EPERM");
      assertThat(SocketOptions.mark(app.fd())).isZero();
      app.marked();
      assertThat(SocketOptions.mark(app.fd())).isEqualTo(SocketOptions.MARK);
    }
  }

  @Test
  void markIsNotReadAgainFromLongOption() throws Exception {
    try (TestSocket app = lab.client.tcp(TestSocket.AF_INET)) {
      byte[] value = new byte[8192];
      ByteBuffer.wrap(value).order(ByteOrder.nativeOrder()).putInt(SocketOptions.MARK);
      assertThatThrownBy(
              () ->
                  ThreadCapabilities.withoutNetAdmin(
                      () -> {
                        OptionCalls.set(app.fd(), SOL_SOCKET, 36, value, "SO_MARK");
                        return app;
                      }))
          .hasMessageContaining("EPERM");
    }
  }

  @Test
  void otherMarksAndOptionsAreUntouched() throws Exception {
    try (TestSocket app = lab.client.tcp(TestSocket.AF_INET)) {
      SocketOptions.setMark(app.fd(), 7);
      assertThat(SocketOptions.mark(app.fd())).isEqualTo(7);
      byte[] value = new byte[8192];
      ByteBuffer.wrap(value).order(ByteOrder.nativeOrder()).putInt(50_000);
      assertThatCode(() -> OptionCalls.set(app.fd(), SOL_SOCKET, SO_SNDBUF, value, "SO_SNDBUF"))
          .doesNotThrowAnyException();
      assertThat(OptionCalls.get(app.fd(), SOL_SOCKET, SO_SNDBUF, 8192, "SO_SNDBUF").getInt())
          .isEqualTo(100_000);
    }
  }
}
