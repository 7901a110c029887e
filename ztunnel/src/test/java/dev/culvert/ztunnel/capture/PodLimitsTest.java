// SPDX-License-Identifier: Apache-2.0
package dev.culvert.ztunnel.capture;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.culvert.policy.spiffe.TrustDomains;
import dev.culvert.ztunnel.hbone.TunnelSettings;
import dev.culvert.ztunnel.identity.MeshTrust;
import dev.culvert.ztunnel.identity.Revocations;
import dev.culvert.ztunnel.identity.TestCertificates;
import dev.culvert.ztunnel.limits.LimitSettings;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.Parameter;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.MethodSource;

@ParameterizedClass
@MethodSource("dev.culvert.ztunnel.capture.Way#all")
@Timeout(60)
class PodLimitsTest {
  @Parameter Way way;

  private TwoNodes nodes;

  private void start(LimitSettings limits) throws Exception {
    MeshTrust trust = new MeshTrust(TrustDomains.only(TestCertificates.DOMAIN), Revocations.none());
    nodes = new TwoNodes(way, TunnelSettings.standard(), 1, trust, limits);
  }

  @AfterEach
  void stop() {
    nodes.close();
  }

  private Socket silentPeer() throws IOException {
    InetAddress own = nodes.web.addresses().getFirst();
    Socket socket = new Socket(own, 15008);
    socket.setSoTimeout(30_000);
    return socket;
  }

  /** Whether bytes go to the app and back; a connection that was refused throws or ends. */
  private boolean carries(Socket client, ServerSocket app) throws IOException {
    client.getOutputStream().write(7);
    try (Socket accepted = app.accept()) {
      accepted.getOutputStream().write(accepted.getInputStream().read());
      return client.getInputStream().read() == 7;
    }
  }

  @Test
  void silentPeersBeyondTheLimitMakeRoomAndKeepNobodyOut() throws Exception {
    start(new LimitSettings(100, 100, 2, 100, 100, 1000, Long.MAX_VALUE));
    try (ServerSocket app = TwoNodes.app(nodes.web);
        Socket first = silentPeer();
        Socket second = silentPeer();
        Socket third = silentPeer()) {
      assertThat(first.getInputStream().read()).isEqualTo(-1);
      assertThat(second.isConnected() && third.isConnected()).isTrue();
      try (Socket client = nodes.connect(TwoNodes.address(app))) {
        assertThat(carries(client, app)).isTrue();
      }
    }
  }

  @Test
  void connectionsBeyondThePodsLimitAreReset() throws Exception {
    start(new LimitSettings(1, 100, 100, 100, 100, 1000, Long.MAX_VALUE));
    try (ServerSocket app = TwoNodes.app(nodes.web);
        Socket first = nodes.connect(TwoNodes.address(app))) {
      assertThat(carries(first, app)).isTrue();
      try (Socket second = nodes.connect(TwoNodes.address(app))) {
        assertEnded(second);
      }
    }
  }

  private static void assertEnded(Socket client) {
    assertThatThrownBy(() -> client.getInputStream().read()).isInstanceOf(IOException.class);
  }
}
