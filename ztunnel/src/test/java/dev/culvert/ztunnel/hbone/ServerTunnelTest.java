// SPDX-License-Identifier: Apache-2.0
package dev.culvert.ztunnel.hbone;

import static org.assertj.core.api.Assertions.assertThat;

import dev.culvert.ztunnel.hbone.frame.RawFrame;
import io.netty.handler.codec.http2.DefaultHttp2Headers;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Streams of a tunnel that is open. */
final class ServerTunnelTest extends ServerTunnelCase {
  @Test
  void dataAndHeadersBehindTheEnd() {
    Stream stream = open(1);
    peer.send(RawFrame.of(0, 1, 1, new byte[3]));
    assertThat(stream.app().ended).isTrue();
    peer.data(1, 1);
    assertThat(peer.heard()).contains("reset 1 STREAM_CLOSED");
    open(3);
    peer.send(RawFrame.of(0, 1, 3));
    peer.headers(3, 5, new DefaultHttp2Headers().add("late", "x"));
    assertThat(peer.heard()).contains("reset 3 STREAM_CLOSED");
  }

  @Test
  void trailersEndTheStream() {
    Stream stream = open(1);
    peer.headers(1, 5, new DefaultHttp2Headers().add("some", "trailer"));
    assertThat(stream.app().ended).isTrue();
    assertThat(stream.app().failure).isNull();
    stream.write(3);
    assertThat(sent(1)).isEqualTo("3");
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 8})
  void peerThatLeavesReadsAsAnEnd(int code) {
    Stream stream = open(1);
    peer.data(1, 3);
    peer.reset(1, code);
    assertThat(stream.app().received).isEqualTo(3);
    assertThat(stream.app().ended).isTrue();
    assertThat(stream.app().failure).isNull();
    stream.half().shutdownOutput();
    assertThat(stream.app().outputEnded).isTrue();
  }

  /** It did not get all: its app must not take it for an end. */
  @ParameterizedTest
  @ValueSource(ints = {0, 8})
  void peerThatLeavesWhatIsOnItsWayToItBreaksTheStream(int code) {
    Stream stream = open(1);
    stream.write(100_000);
    peer.reset(1, code);
    assertThat(stream.app().failure).isNotNull();
    assertThat(stream.app().ended).isFalse();
  }

  @Test
  void settingsOfNoMeaningHereAreAcknowledged() {
    peer.send(RawFrame.setting(0x1a1a, 7), RawFrame.setting(8, 1), RawFrame.setting(0xffff, -1));
    assertThat(peer.heard()).containsExactly("settings ack", "settings ack", "settings ack");
    open(1);
  }

  @Test
  void frameOfOneMebibyteIsTaken() {
    Stream stream = open(1);
    peer.data(1, 1 << 20);
    assertThat(stream.app().received).isEqualTo(1 << 20);
    peer.data(1, (1 << 20) + 1);
    assertEnded("FRAME_SIZE_ERROR");
  }

  @Test
  void requestThatEndsAtOnce() {
    peer.headers(1, 5, FramedPeer.connect("10.0.0.1:80"));
    TestApp app = TestApp.on(asked.getFirst().accept(""));
    assertThat(app.ended).isTrue();
  }

  @Test
  void dataHeldForASlowAppComesBeforeTheEnd() {
    Stream stream = open(1);
    stream.half().readable(false);
    peer.send(RawFrame.of(0, 0, 1, new byte[9]), RawFrame.of(0, 1, 1, new byte[1]));
    stream.half().shutdownOutput();
    assertThat(stream.app().received).isZero();
    assertThat(stream.app().ended).isFalse();
    stream.half().readable(true);
    assertThat(stream.app().received).isEqualTo(10);
    assertThat(stream.app().ended).isTrue();
    assertThat(peer.heard()).contains("data 1  +0 end");
  }
}
