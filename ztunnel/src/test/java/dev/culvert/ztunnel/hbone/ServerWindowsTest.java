// SPDX-License-Identifier: Apache-2.0
package dev.culvert.ztunnel.hbone;

import static org.assertj.core.api.Assertions.assertThat;

import dev.culvert.ztunnel.hbone.frame.RawFrame;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Flow control (RFC 9113 5.2), of a stream and of the whole tunnel, both ways. */
final class ServerWindowsTest extends ServerTunnelCase {
  @Test
  void connectionWindowSurvivesResetsInMidTransfer() {
    long window = TunnelSettings.standard().connectionWindow();
    for (int id = 1; id < 6_000; id += 2) {
      Stream stream = open(id);
      peer.data(id, 20_000);
      window -= 20_000;
      if (id % 4 == 1) {
        stream.app().take();
      }
      peer.reset(id, id % 8 == 3 ? 8 : 2);
      stream.app().take();
      stream.half().reset();
      for (String event : peer.heard()) {
        window += event.startsWith("window 0 ") ? Integer.parseInt(event.split(" ", -1)[2]) : 0;
      }
      assertThat(window).isPositive();
    }
    assertThat(window).isGreaterThan(TunnelSettings.standard().connectionWindow() / 2 - 1);
  }

  /** Or a peer could fill our memory by streams that it leaves, one after another. */
  @Test
  void dataThatTheAppHasNotTakenKeepsTheWindow() {
    List<Stream> left = new ArrayList<>();
    for (int i = 0; i < 4; i++) {
      Stream stream = open(1 + 2 * i);
      for (int part = 0; part < 4; part++) {
        peer.data(1 + 2 * i, 1 << 20);
      }
      peer.reset(1 + 2 * i, 8);
      left.add(stream);
    }
    assertThat(peer.heard()).noneMatch(event -> event.startsWith("window 0"));
    left.forEach(stream -> assertThat(stream.app().ended).isTrue());
    left.get(0).app().take();
    left.get(1).half().reset();
    assertThat(peer.heard()).contains("window 0 " + (8 << 20));
  }

  @Test
  void windowsOfThePeerAreKept() {
    Stream stream = open(1);
    peer.send(RawFrame.setting(4, 0));
    assertThat(peer.heard()).contains("settings ack").noneMatch(e -> e.startsWith("goaway"));
    Stream other = open(3);
    other.write(1000);
    assertThat(sent(3)).isEqualTo("nothing");
    peer.send(RawFrame.setting(4, 10));
    assertThat(sent(3)).isEqualTo("10");
    peer.send(RawFrame.setting(4, 5));
    assertThat(sent(3)).isEqualTo("nothing");
    peer.grant(3, 5);
    assertThat(sent(3)).isEqualTo("nothing");
    peer.grant(3, 1);
    assertThat(sent(3)).isEqualTo("1");
    assertThat(stream.app().failure).isNull();
  }

  @Test
  void connectionWindowBoundsAllStreams() {
    open(1).write(40_000);
    assertThat(sent(1)).isEqualTo("40000");
    Stream other = open(3);
    other.write(40_000);
    assertThat(sent(3)).isEqualTo("25535");
    peer.grant(0, 5);
    assertThat(sent(3)).isEqualTo("5");
  }

  @Test
  void overflowOfAStreamsWindowEndsTheStream() {
    Stream stream = open(1);
    peer.grant(1, Integer.MAX_VALUE);
    assertThat(peer.heard()).contains("reset 1 FLOW_CONTROL_ERROR");
    assertThat(stream.app().failure).isNotNull();
    open(3);
  }

  @Test
  void overflowByInitialWindowEndsTheTunnel() {
    open(1);
    peer.grant(1, Integer.MAX_VALUE - 65_535);
    peer.send(RawFrame.setting(4, 65_536));
    assertEnded("FLOW_CONTROL_ERROR");
  }

  @Test
  void overflowOfTheConnectionsWindowEndsTheTunnel() {
    peer.grant(0, Integer.MAX_VALUE);
    assertEnded("FLOW_CONTROL_ERROR");
  }

  @Test
  void grantOfNothing() {
    open(1);
    peer.grant(1, 0);
    assertThat(peer.heard()).contains("reset 1 PROTOCOL_ERROR");
    peer.grant(0, 0);
    assertEnded("PROTOCOL_ERROR");
  }

  @Test
  void moreThanTheStreamsWindow() {
    Stream stream = open(1);
    for (int i = 0; i < 5; i++) {
      peer.data(1, 1 << 20);
    }
    assertThat(peer.heard()).contains("reset 1 FLOW_CONTROL_ERROR");
    assertThat(stream.app().failure).hasMessageContaining("more than it may");
  }

  @Test
  void moreThanTheConnectionsWindow() {
    for (int i = 0; i < 5; i++) {
      open(1 + 2 * i);
      for (int part = 0; part < 4 && peer.channel.isOpen(); part++) {
        peer.data(1 + 2 * i, 1 << 20);
      }
      if (i < 4) {
        peer.heard();
      }
      if (i == 3) {
        open(11);
        peer.data(11, 1);
        break;
      }
    }
    assertEnded("FLOW_CONTROL_ERROR");
  }

  @Test
  void lateDataIsIgnoredAndCounts() {
    Stream stream = open(1);
    stream.half().reset();
    for (int i = 0; i < 9; i++) {
      peer.data(1, 1 << 20);
    }
    assertThat(peer.heard()).contains("reset 1 CONNECT_ERROR", "window 0 " + (8 << 20));
  }
}
