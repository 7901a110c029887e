// SPDX-License-Identifier: Apache-2.0
package dev.culvert.ztunnel.hbone;

import static org.assertj.core.api.Assertions.assertThat;

import dev.culvert.ztunnel.hbone.frame.RawFrame;
import dev.culvert.ztunnel.telemetry.ResponseFlag;
import io.netty.handler.codec.http2.DefaultHttp2Headers;
import org.junit.jupiter.api.Test;

/** What a peer may answer to a CONNECT, and what may come instead. */
final class ClientAnswerTest extends ClientTunnelCase {
  @Test
  void interimAnswersAreNotTheAnswer() {
    FramedPeer peer = asked();
    peer.answer(1, "103");
    assertThat(failed).isEmpty();
    peer.headers(1, 4, new DefaultHttp2Headers(false).status("200").add("x-unknown", "a"));
    assertThat(opened).hasSize(1);
  }

  @Test
  void answerDescribesTheDestination() {
    FramedPeer peer = asked();
    peer.headers(
        1,
        4,
        new DefaultHttp2Headers(false)
            .status("200")
            .add("baggage", "k8s.namespace.name=shop,k8s.pod.name=web-1,service.name=web"));
    Baggage said = opened.getFirst().baggage();
    assertThat(said.namespace()).isEqualTo("shop");
    assertThat(said.attribution().canonicalName()).isEqualTo("web");
    assertThat(said.workload(KEY.source(), PEER.getAddress()).orElseThrow().name())
        .isEqualTo("web-1");
    ask();
    peer.answer(3, "200");
    assertThat(opened.getLast().baggage().isEmpty()).isTrue();
  }

  @Test
  void answerThatEndsTheStreamAtOnce() {
    FramedPeer peer = asked();
    peer.headers(1, 5, new DefaultHttp2Headers(false).status("200"));
    TestApp app = TestApp.on(opened.getFirst());
    assertThat(app.ended).isTrue();
  }

  @Test
  void answersThatAreNone() {
    FramedPeer peer = asked();
    peer.headers(1, 4, new DefaultHttp2Headers(false).add("a", "b"));
    ask();
    peer.answer(3, "2x0");
    ask();
    peer.send(RawFrame.of(1, 4, 5, new byte[] {0x00, 1, 'A', 1, 'b'}));
    ask();
    peer.answer(7, "401");
    assertThat(failed).hasSize(4);
    assertThat(failed.get(1)).hasMessageContaining("that is no status");
    assertThat(failed.get(2)).hasMessageContaining("malformed headers");
    assertThat(failed.get(3)).hasMessageContaining("policy denies");
    assertThat(peer.channel.isOpen()).isTrue();
  }

  @Test
  void answerThatNeverComes() {
    FramedPeer peer = asked();
    for (int i = 0; i < 6 && failed.isEmpty(); i++) {
      peer.later(10_000);
      pong(peer);
    }
    assertThat(failed.getFirst()).hasMessageContaining("did not answer within PT30S");
    assertThat(peer.channel.isOpen()).isTrue();
  }

  /** What closes, is silent or speaks something else before its SETTINGS speaks no HTTP/2. */
  @Test
  void tunnelInWhichHttp2NeverBeginsIsToldFromOneThatBreaks() {
    firstFrame = new byte[0];
    ask();
    peers.get(0).send(RawFrame.ofInts(6, 0, 0, 1, 2));
    ask();
    peers.get(1).later(10_000);
    ask();
    var _ = peers.get(2).channel.close();
    firstFrame = RawFrame.of(4, 0, 0);
    ask();
    var _ = peers.get(3).channel.close();
    assertThat(failed)
        .extracting(TunnelException::flag)
        .containsExactly(
            ResponseFlag.H2_HANDSHAKE_FAILURE,
            ResponseFlag.H2_HANDSHAKE_FAILURE,
            ResponseFlag.H2_HANDSHAKE_FAILURE,
            ResponseFlag.CONNECT);
    assertThat(failed.getFirst()).hasMessageContaining("HTTP/2 did not begin: ");
  }
}
