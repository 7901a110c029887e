// SPDX-License-Identifier: Apache-2.0
package dev.culvert.ztunnel.hbone;

import static org.assertj.core.api.Assertions.assertThat;

import dev.culvert.ztunnel.hbone.frame.RawFrame;
import io.netty.buffer.Unpooled;
import io.netty.handler.codec.http2.DefaultHttp2Headers;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Streams of a tunnel that is open. */
final class ClientTunnelTest extends ClientTunnelCase {
  @Test
  void trailersWithoutAnEndBreakTheStream() {
    FramedPeer peer = asked();
    peer.answer(1, "200");
    TestApp app = TestApp.on(opened.getFirst());
    peer.headers(1, 4, new DefaultHttp2Headers().add("a", "b"));
    assertThat(app.failure).isNotNull();
    assertThat(peer.heard()).contains("reset 1 PROTOCOL_ERROR");
  }

  /** NO_ERROR, as hyper and Envoy leave, or CANCEL, as Go's client does. */
  @ParameterizedTest
  @ValueSource(ints = {0, 8})
  void peerThatLeavesReadsAsAnEnd(int code) {
    FramedPeer peer = asked();
    peer.answer(1, "200");
    TestApp app = TestApp.on(opened.getFirst());
    peer.reset(1, code);
    assertThat(app.ended).isTrue();
    assertThat(app.failure).isNull();
    opened.getFirst().shutdownOutput();
    assertThat(app.outputEnded).isTrue();
  }

  @Test
  void endOfTheStreamLeavesTheOtherHalfOpen() {
    FramedPeer peer = asked();
    peer.answer(1, "200");
    TestApp app = TestApp.on(opened.getFirst());
    peer.send(RawFrame.of(0, 1, 1, new byte[5]));
    assertThat(app.received).isEqualTo(5);
    assertThat(app.ended).isTrue();
    opened.getFirst().write(Unpooled.copiedBuffer("Hi", StandardCharsets.US_ASCII), app);
    opened.getFirst().shutdownOutput();
    assertThat(peer.heard()).contains("data 1 4869 +0 end");
    assertThat(app.failure).isNull();
  }

  /** GREASE (RFC 8701's idea for HTTP/2), ENABLE_CONNECT_PROTOCOL, and one of nobody's. */
  @Test
  void settingsOfNoMeaningHereAreAcknowledged() {
    FramedPeer peer = asked();
    peer.send(RawFrame.setting(0x1a1a, 7), RawFrame.setting(8, 1), RawFrame.setting(0xffff, -1));
    assertThat(peer.heard()).containsExactly("settings ack", "settings ack", "settings ack");
    peer.answer(1, "200");
    assertThat(opened).hasSize(1);
  }

  @Test
  void frameOfOneMebibyteIsTaken() {
    FramedPeer peer = asked();
    peer.answer(1, "200");
    TestApp app = TestApp.on(opened.getFirst());
    peer.data(1, 1 << 20);
    assertThat(app.received).isEqualTo(1 << 20);
    peer.data(1, (1 << 20) + 1);
    assertThat(peer.heard().getLast()).startsWith("goaway").contains("FRAME_SIZE_ERROR");
  }
}
