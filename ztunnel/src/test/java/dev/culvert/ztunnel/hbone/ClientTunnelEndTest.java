// SPDX-License-Identifier: Apache-2.0
package dev.culvert.ztunnel.hbone;

import static org.assertj.core.api.Assertions.assertThat;

import dev.culvert.ztunnel.hbone.frame.RawFrame;
import dev.culvert.ztunnel.transport.Leaving;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** How a tunnel ends: by either side, or since nobody answers in it. */
final class ClientTunnelEndTest extends ClientTunnelCase {
  @Test
  void peerThatAnswersNoPingIsLetGo() {
    FramedPeer peer = asked();
    peer.answer(1, "200");
    TestApp app = TestApp.on(opened.getFirst());
    peer.later(10_000);
    assertThat(peer.heard()).anyMatch(event -> event.startsWith("ping "));
    peer.later(19_000);
    assertThat(peer.channel.isOpen()).isTrue();
    peer.later(1_000);
    assertThat(peer.channel.isOpen()).isFalse();
    assertThat(app.failure).hasMessageContaining("did not answer a PING within 20000 ms");
  }

  /** Whoever answers a PING that it cannot have read would never be found dead. */
  @Test
  void answerToAnotherPingDoesNotCount() {
    FramedPeer peer = asked();
    peer.later(10_000);
    peer.send(RawFrame.ofInts(6, 1, 0, 1, 2));
    peer.later(20_000);
    assertThat(peer.channel.isOpen()).isFalse();
    assertThat(failed.getFirst()).hasMessageContaining("did not answer a PING");
  }

  @Test
  void goAwayRetriesWhatWasNotSeen() {
    FramedPeer peer = asked();
    ask();
    peer.answer(1, "200");
    peer.send(RawFrame.ofInts(7, 0, 0, 1, 0));
    loopOwner.runPendingTasks();
    assertThat(peers).hasSize(2);
    peers.get(1).answer(1, "200");
    assertThat(opened).hasSize(2);
    assertThat(peer.channel.isOpen()).isTrue();
    peer.reset(1, 2);
    assertThat(peer.channel.isOpen()).as("the peer may not have taken all").isTrue();
    peer.answerPing();
    assertThat(peer.channel.isOpen()).isFalse();
  }

  @Test
  void whoIsInATunnelHearsThatItsPeerLeaves() {
    FramedPeer peer = asked();
    ask();
    peer.answer(1, "200");
    List<Object> heard = new ArrayList<>();
    StreamChannel early = StreamChannel.open(opened.getFirst(), new Hearing(heard));
    peer.send(RawFrame.ofInts(7, 0, 0, 3, 0));
    peer.heard();
    assertThat(heard).containsExactly(Leaving.PEER);
    assertThat(early.isOpen()).isTrue();
    peer.answer(3, "200");
    StreamChannel late = StreamChannel.open(opened.getLast(), new Hearing(heard));
    peer.heard();
    assertThat(heard).as("one that was opened after it, too").hasSize(2);
    var _ = early.close();
    var _ = late.close();
    peer.heard();
    peer.reset(1, 8);
    peer.reset(3, 8);
    peer.answerPing();
    assertThat(peer.channel.isOpen()).as("nothing is left in it").isFalse();
  }

  private static final class Hearing extends ChannelInboundHandlerAdapter {
    private final List<Object> heard;

    private Hearing(List<Object> heard) {
      this.heard = heard;
    }

    @Override
    public void userEventTriggered(ChannelHandlerContext ctx, Object event) {
      heard.add(event);
    }
  }

  @Test
  void unusedTunnelIsReleased() {
    FramedPeer peer = asked();
    peer.answer(1, "401");
    peer.heard();
    for (int i = 0; i < 40 && peer.channel.isOpen(); i++) {
      peer.later(10_000);
      pong(peer);
    }
    told.addAll(peer.heard());
    assertThat(peer.channel.isOpen()).isFalse();
    assertThat(told).anyMatch(event -> event.startsWith("goaway 2147483647 NO_ERROR"));
    assertThat(told.stream().filter(event -> event.startsWith("goaway")))
        .last()
        .asString()
        .startsWith("goaway 1 NO_ERROR");
  }
}
