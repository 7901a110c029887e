// SPDX-License-Identifier: Apache-2.0
package dev.culvert.ztunnel.capture;

import static org.assertj.core.api.Assertions.assertThat;

import dev.culvert.ztunnel.telemetry.Outcome;
import dev.culvert.ztunnel.telemetry.ResponseFlag;
import java.net.ServerSocket;
import java.time.Instant;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.MethodSource;

/** Peers that do not prove to be who is expected. */
@ParameterizedClass
@MethodSource("ways")
@Timeout(120)
final class RefusedPeerTest extends OutboundTunnelCase {
  @Test
  void peerOfAnotherIdentityRejected() throws Exception {
    try (TwoNodes nodes = new TwoNodes(way);
        ServerSocket app = TwoNodes.app(nodes.web)) {
      String impostor = "spiffe://cluster.local/ns/shop/sa/impostor";
      nodes.certificatesTwo.replace(nodes.web.identity(), Instant.now().plusSeconds(600), impostor);
      Outcome outcome = refused(nodes, app);
      assertThat(outcome.flag()).isEqualTo(ResponseFlag.IDENTITY_ERROR);
      assertThat(outcome.error().orElseThrow())
          .contains(impostor)
          .contains(nodes.web.identity().toString());
    }
  }

  @Test
  void expiredPeerRejected() throws Exception {
    try (TwoNodes nodes = new TwoNodes(way);
        ServerSocket app = TwoNodes.app(nodes.web)) {
      nodes.certificatesTwo.replace(
          nodes.web.identity(), Instant.now().minusSeconds(60), nodes.web.identity().toString());
      assertThat(refused(nodes, app).flag()).isEqualTo(ResponseFlag.TLS_FAILURE);
    }
  }

  @Test
  void peerOfAnotherTrustDomainRejected() throws Exception {
    try (TwoNodes nodes = new TwoNodes(way);
        ServerSocket app = TwoNodes.app(nodes.web)) {
      nodes.certificatesTwo.replace(
          nodes.web.identity(), Instant.now().plusSeconds(60), "spiffe://elsewhere/ns/shop/sa/web");
      assertThat(refused(nodes, app).flag()).isEqualTo(ResponseFlag.TLS_FAILURE);
    }
  }
}
