// SPDX-License-Identifier: Apache-2.0
package dev.culvert.linux.socket;

import static dev.culvert.linux.socket.RedirectLab.at;
import static org.assertj.core.api.Assertions.assertThat;

import dev.culvert.linux.bpf.NeedsRoot;
import java.util.Set;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** What the kernel tells of a proxy's listeners. */
@NeedsRoot
final class ListenerDiagnosisTest extends HandOverCase {
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
}
