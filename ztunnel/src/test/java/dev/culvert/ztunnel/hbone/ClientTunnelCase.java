// SPDX-License-Identifier: Apache-2.0
package dev.culvert.ztunnel.hbone;

import static org.assertj.core.api.Assertions.assertThat;

import dev.culvert.policy.spiffe.SpiffeId;
import dev.culvert.policy.spiffe.TrustDomain;
import dev.culvert.ztunnel.hbone.frame.RawFrame;
import dev.culvert.ztunnel.peers.LeakWatch;
import dev.culvert.ztunnel.telemetry.ResponseFlag;
import dev.culvert.ztunnel.transport.PodSockets;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.embedded.EmbeddedChannel;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;

/** A pool and the tunnels that it dials, with peers that answer what they like. */
abstract class ClientTunnelCase {
  static final InetSocketAddress PEER =
      new InetSocketAddress(InetAddress.ofLiteral("198.18.2.3"), 15008);
  private static final TrustDomain DOMAIN = new TrustDomain("cluster.local");
  static final TunnelKey KEY =
      new TunnelKey(
          new PodSockets(null, null, null, null),
          SpiffeId.workload(DOMAIN, "shop", "client"),
          PEER,
          Set.of(SpiffeId.workload(DOMAIN, "shop", "web")));

  final EmbeddedChannel loopOwner = new EmbeddedChannel();
  final TunnelPool pool = new TunnelPool(loopOwner.eventLoop(), this::dial, 3);
  final List<FramedPeer> peers = new ArrayList<>();
  final List<HboneStream> opened = new ArrayList<>();
  final List<TunnelException> failed = new ArrayList<>();
  final List<String> told = new ArrayList<>();
  byte[] firstFrame = RawFrame.of(4, 0, 0);
  String early = "";
  boolean unreachable;

  @AfterEach
  final void close() {
    peers.forEach(FramedPeer::close);
    loopOwner.finishAndReleaseAll();
  }

  @AfterAll
  static void nothingLeaked() throws Exception {
    assertThat(LeakWatch.leaks()).isEmpty();
  }

  private void dial(TunnelKey key, ClientTunnel.Owner owner, TunnelDialer.Result result) {
    if (unreachable) {
      result.failed(new TunnelException(ResponseFlag.CONNECT, "nobody is there"));
      return;
    }
    ClientTunnel tunnel = ClientTunnel.create(TunnelSettings.standard(), key, owner);
    peers.add(new FramedPeer(tunnel, firstFrame));
    result.connected(tunnel);
  }

  final void ask() {
    pool.open(
        KEY,
        new ConnectRequest(PEER, "", ""),
        new Opening() {
          @Override
          public ByteBuf early() {
            return Unpooled.copiedBuffer(early, StandardCharsets.US_ASCII);
          }

          @Override
          public void opened(HboneStream stream) {
            opened.add(stream);
          }

          @Override
          public void failed(TunnelException cause) {
            failed.add(cause);
          }
        });
  }

  final FramedPeer asked() {
    ask();
    FramedPeer peer = peers.getFirst();
    assertThat(peer.heard().getLast()).startsWith("headers 1 :method=CONNECT");
    return peer;
  }

  final void pong(FramedPeer peer) {
    for (String event : peer.heard()) {
      told.add(event);
      if (event.startsWith("ping ")) {
        peer.answerPing(List.of(event));
      }
    }
  }
}
