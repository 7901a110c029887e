// SPDX-License-Identifier: Apache-2.0
package dev.culvert.ztunnel.hbone;

import static org.assertj.core.api.Assertions.assertThat;

import dev.culvert.ztunnel.hbone.frame.RawFrame;
import io.netty.buffer.Unpooled;
import org.junit.jupiter.api.Test;

/** Which tunnel the pool opens a stream in, and when it dials another. */
final class TunnelPoolTest extends ClientTunnelCase {
  @Test
  void refusedStreamIsAskedAgain() {
    FramedPeer peer = asked();
    peer.reset(1, 7);
    loopOwner.runPendingTasks();
    assertThat(peer.heard().getLast()).startsWith("headers 3");
    peer.reset(3, 7);
    loopOwner.runPendingTasks();
    peer.reset(5, 7);
    loopOwner.runPendingTasks();
    assertThat(failed.getFirst()).hasMessageContaining("takes no more streams");
  }

  /** Only the first tunnel can be asked too often: it is known from then on. */
  @Test
  void fewerStreamsThanOurs() {
    for (int i = 0; i < 50; i++) {
      ask();
    }
    FramedPeer first = peers.getFirst();
    first.heard();
    firstFrame = RawFrame.setting(3, 10);
    first.send(firstFrame);
    for (int id = 1; id < 100; id += 2) {
      if (id < 20) {
        first.answer(id, "200");
      } else {
        first.reset(id, 7);
      }
    }
    loopOwner.runPendingTasks();
    for (int i = 1; i < peers.size(); i++) {
      for (int id = 1; id < 20; id += 2) {
        peers.get(i).answer(id, "200");
      }
    }
    assertThat(failed).isEmpty();
    assertThat(opened).hasSize(50);
    assertThat(peers).hasSize(5);
  }

  /** Opens one whose data fills the peer's window of the connection. */
  private void askForBulk(int tunnel, int stream) {
    ask();
    peers.get(tunnel).answer(stream, "200");
    HboneStream bulk = opened.getLast();
    bulk.write(Unpooled.wrappedBuffer(new byte[70_000]), TestApp.on(bulk));
    bulk.flush();
    peers.get(tunnel).grant(stream, 1 << 20);
    peers.get(tunnel).heard();
  }

  @Test
  void retiredTunnelKeepsItsStreamAndGetsNoOther() {
    FramedPeer peer = asked();
    peer.answer(1, "200");
    TestApp app = TestApp.on(opened.getFirst());
    ((TunnelHandler) peer.channel.pipeline().first()).retire();
    ask();
    assertThat(peers).hasSize(2);
    assertThat(peer.heard()).noneMatch(event -> event.startsWith("headers"));
    peer.data(1, 5);
    assertThat(app.ended).isFalse();
    assertThat(peer.channel.isOpen()).isTrue();
    peer.send(RawFrame.of(0, 1, 1));
    assertThat(app.ended).isTrue();
  }

  @Test
  void connectionBehindBulkGetsATunnelOfItsOwn() {
    askForBulk(0, 1);
    ask();
    assertThat(peers).hasSize(2);
    peers.get(1).answer(1, "200");
    ask();
    assertThat(peers).as("the second has room").hasSize(2);
  }

  /** The stream's window is used up with the connection's: it waits for itself. */
  @Test
  void connectionBehindBulkThatFillsTheWindowToTheByteGetsATunnelOfItsOwn() {
    ask();
    peers.getFirst().answer(1, "200");
    HboneStream bulk = opened.getLast();
    bulk.write(Unpooled.wrappedBuffer(new byte[70_000]), TestApp.on(bulk));
    bulk.flush();
    peers.getFirst().heard();
    ask();
    assertThat(peers).hasSize(2);
  }

  @Test
  void tunnelThatIsNotCongestedAnyMoreIsUsedAgain() {
    askForBulk(0, 1);
    peers.getFirst().grant(0, 1 << 20);
    peers.getFirst().heard();
    ask();
    assertThat(peers).hasSize(1);
  }

  @Test
  void bulkGetsNoMoreTunnelsThanStripes() {
    askForBulk(0, 1);
    askForBulk(1, 1);
    askForBulk(2, 1);
    ask();
    assertThat(peers).hasSize(3);
    assertThat(peers.getFirst().heard()).last().asString().startsWith("headers 3");
    ask();
    assertThat(peers.get(1).heard()).as("the emptiest").last().asString().startsWith("headers 3");
  }

  @Test
  void congestedTunnelServesWhenNoOtherCanBeDialled() {
    askForBulk(0, 1);
    unreachable = true;
    ask();
    assertThat(peers).hasSize(1);
    peers.getFirst().answer(3, "200");
    assertThat(opened).hasSize(2);
    assertThat(failed).isEmpty();
  }
}
