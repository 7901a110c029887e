// SPDX-License-Identifier: Apache-2.0
package dev.culvert.ztunnel.hbone;

import static org.assertj.core.api.Assertions.assertThat;

import dev.culvert.ztunnel.hbone.frame.RawFrame;
import io.netty.channel.embedded.EmbeddedChannel;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** How a tunnel ends: by either side, by a drain, or since nobody uses it. */
final class ServerTunnelEndTest extends ServerTunnelCase {
  @Test
  void peerThatGoesAwayKeepsItsStreams() {
    Stream stream = open(1);
    peer.send(RawFrame.ofInts(7, 0, 0, 0, 0));
    peer.data(1, 3);
    assertThat(stream.app().received).isEqualTo(3);
    assertThat(peer.channel.isOpen()).isTrue();
    peer.send(RawFrame.of(0, 1, 1));
    stream.write(2);
    stream.half().shutdownOutput();
    List<String> last = peer.heard();
    assertThat(last).as("what was said last").contains("data 1 0000 +0 end");
    assertThat(peer.channel.isOpen()).as("the peer may not have taken all").isTrue();
    peer.answerPing(last);
    assertThat(peer.channel.isOpen()).isFalse();
  }

  @Test
  void peerThatAnswersNoPingIsLetGo() {
    Stream stream = open(1);
    peer.later(10_000);
    peer.later(19_000);
    assertThat(peer.channel.isOpen()).isTrue();
    peer.later(1_000);
    assertThat(peer.channel.isOpen()).isFalse();
    assertThat(stream.app().failure).hasMessageContaining("did not answer a PING");
  }

  @Test
  void drainedTunnelServesWhatWasOnItsWayAndNothingLater() {
    open(1);
    ((TunnelHandler) peer.channel.pipeline().first()).drain();
    List<String> told = peer.heard();
    assertThat(told.getFirst()).startsWith("goaway 2147483647 NO_ERROR");
    open(3);
    peer.answerPing(told);
    assertThat(peer.heard().getLast()).startsWith("goaway 3 NO_ERROR");
    peer.request(5);
    assertThat(peer.heard()).contains("reset 5 " + REFUSED);
    peer.reset(1, 8);
    peer.reset(3, 8);
    assertThat(peer.channel.isOpen()).as("the peer may not have taken all").isTrue();
    peer.answerPing();
    assertThat(peer.channel.isOpen()).isFalse();
  }

  @Test
  void peerThatPutsOffTheEndIsNotWaitedForLongerThanForAnyPing() {
    open(1);
    ((TunnelHandler) peer.channel.pipeline().first()).drain();
    String awaited = peer.heard().getLast();
    for (int i = 0; i < 2; i++) {
      peer.later(10_000);
      List<String> others = peer.heard().stream().filter(event -> !event.equals(awaited)).toList();
      others.stream().filter(e -> e.startsWith("ping ")).forEach(e -> peer.answerPing(List.of(e)));
    }
    peer.request(3);
    assertThat(peer.heard()).contains("reset 3 " + REFUSED);
    assertThat(peer.channel.isOpen()).isTrue();
  }

  /** Or an upgrade would cut off the answers that are on their way when it begins. */
  @Test
  void drainedTunnelSendsAllOfItsLastStreamBeforeItCloses() {
    Stream stream = open(1);
    peer.grant(0, 1 << 20);
    peer.grant(1, 1 << 20);
    ((TunnelHandler) peer.channel.pipeline().first()).drain();
    peer.answerPing();
    peer.send(RawFrame.of(0, 1, 1));
    stream.write(500_000);
    stream.half().shutdownOutput();
    int sent = 0;
    List<String> last = peer.heard();
    for (String event : last) {
      sent += event.startsWith("data 1 ") ? event.split(" ", -1)[2].length() / 2 : 0;
    }
    assertThat(sent).isEqualTo(500_000);
    peer.answerPing(last);
    assertThat(peer.channel.isOpen()).isFalse();
  }

  @Test
  void peerThatSaysNothingIsLetGo() {
    try (FramedPeer silent =
        new FramedPeer(ServerTunnel.create(TunnelSettings.standard(), asked::add))) {
      silent.later(11_000);
      assertThat(silent.channel.isOpen()).as("this one has greeted").isTrue();
    }
    var mute = new EmbeddedChannel(ServerTunnel.create(TunnelSettings.standard(), asked::add));
    mute.advanceTimeBy(11, TimeUnit.SECONDS);
    mute.runScheduledPendingTasks();
    assertThat(mute.isOpen()).isFalse();
    mute.finishAndReleaseAll();
  }

  @Test
  void tunnelWithoutStreamsIsLetGo() {
    for (int i = 0; i < 2_000 && peer.channel.isOpen(); i++) {
      peer.later(10_000);
      for (String event : peer.heard()) {
        if (event.startsWith("ping ")) {
          peer.answerPing(List.of(event));
        }
        if (event.startsWith("goaway")) {
          assertThat(i).isBetween(88, 95);
        }
      }
    }
    assertThat(peer.channel.isOpen()).isFalse();
  }
}
