// SPDX-License-Identifier: Apache-2.0
package dev.culvert.ztunnel.hbone;

import static org.assertj.core.api.Assertions.assertThat;

import dev.culvert.ztunnel.hbone.frame.RawFrame;
import org.junit.jupiter.api.Test;

/** An app's first bytes, which go along with the request. */
final class EarlyBytesTest extends ClientTunnelCase {
  @Test
  void firstBytesGoAlongWithTheRequest() {
    early = "Hi";
    ask();
    assertThat(peers.getFirst().heard()).hasSize(2).last().isEqualTo("data 1 4869 +0");
    peers.getFirst().answer(1, "200");
    assertThat(opened).hasSize(1);
  }

  @Test
  void firstBytesGoAlongWithEachAttempt() {
    early = "Hi";
    ask();
    FramedPeer peer = peers.getFirst();
    peer.heard();
    peer.reset(1, 7);
    loopOwner.runPendingTasks();
    assertThat(peer.heard()).last().isEqualTo("data 3 4869 +0");
  }

  @Test
  void firstBytesOfARefusedRequestAreDropped() {
    early = "Hi";
    firstFrame = RawFrame.setting(4, 0);
    ask();
    FramedPeer peer = peers.getFirst();
    assertThat(peer.heard()).noneMatch(frame -> frame.startsWith("data"));
    peer.answer(1, "401");
    peer.grant(1, 10);
    assertThat(peer.heard()).noneMatch(frame -> frame.startsWith("data"));
    assertThat(failed).hasSize(1);
  }
}
