// SPDX-License-Identifier: Apache-2.0
package dev.culvert.ztunnel.hbone;

import static org.assertj.core.api.Assertions.assertThat;

import dev.culvert.ztunnel.hbone.frame.RawFrame;
import io.netty.handler.codec.http2.DefaultHttp2Headers;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;

/** How much of it a peer gets: streams, refusals, and frames that only cost work. */
final class ServerLimitsTest extends ServerTunnelCase {
  private static final int LIMIT = TunnelSettings.standard().maxStreamsServed();
  private static final int MOST_COUNTS = 20;

  @Test
  void streamsThatThePeerLeftCountUntilTheirAppsEnd() {
    List<Stream> left = new ArrayList<>();
    for (int id = 1; id < 2 * LIMIT; id += 2) {
      left.add(open(id));
      peer.reset(id, 8);
    }
    peer.request(2 * LIMIT + 1);
    assertThat(peer.heard()).contains("reset %d %s".formatted(2 * LIMIT + 1, REFUSED));
    left.get(0).half().shutdownOutput();
    left.get(1).half().reset();
    open(2 * LIMIT + 3);
    open(2 * LIMIT + 5);
    peer.request(2 * LIMIT + 7);
    assertThat(peer.heard()).contains("reset %d %s".formatted(2 * LIMIT + 7, REFUSED));
  }

  @Test
  void requestsThatWereResetCountUntilTheyAreAnswered() {
    for (int id = 1; id < 4 * LIMIT; id += 2) {
      peer.request(id);
      peer.reset(id, 8);
    }
    assertThat(asked).hasSize(LIMIT);
    asked.get(0).refuse(InboundConnect.DENIED);
    assertThat(asked.get(1).accept("")).matches(half -> ((HboneStream) half).isBroken());
    peer.request(4 * LIMIT + 1);
    peer.request(4 * LIMIT + 3);
    assertThat(asked).hasSize(LIMIT + 2);
  }

  @Test
  void malformedRequestsAreRefusedOneByOne() {
    peer.send(RawFrame.of(1, 4, 1, new byte[] {0x00, 1, 'A', 1, 'b'}));
    assertThat(peer.heard()).contains("reset 1 PROTOCOL_ERROR");
    peer.headers(3, 4, new DefaultHttp2Headers(false).add("a", "x".repeat(70_000)));
    peer.headers(5, 4, FramedPeer.connect("nonsense"));
    assertThat(peer.heard()).contains("headers 3 :status=400 end", "headers 5 :status=400 end");
    for (int id = 7; id < 1_000 && peer.channel.isOpen(); id += 2) {
      peer.headers(id, 4, FramedPeer.connect("nonsense"));
    }
    assertEnded("ENHANCE_YOUR_CALM");
  }

  @Test
  void floods() {
    flood(RawFrame.ofInts(6, 0, 0, 1, 2));
    flood(RawFrame.ofInts(6, 1, 0, 1, 2));
    flood(RawFrame.of(4, 0, 0));
    flood(RawFrame.of(4, 1, 0));
    flood(RawFrame.setting(1, 0));
    flood(RawFrame.of(0, 0, 1));
    flood(RawFrame.of(0, 8, 1, (byte) 0));
    flood(RawFrame.of(77, 0, 0));
    flood(RawFrame.of(2, 0, 3, new byte[5]));
    flood(RawFrame.ofInts(8, 0, 1, 1));
    flood(RawFrame.ofInts(8, 0, 0, 1));
    flood(RawFrame.ofInts(3, 0, 1, 8));
    flood(RawFrame.ofInts(7, 0, 0, 0, 2));
  }

  /** Counted anew where a busy machine needs longer for so many than they are counted. */
  private static void flood(byte[] frame) {
    List<InboundConnect> asked = new ArrayList<>();
    try (FramedPeer peer =
        new FramedPeer(ServerTunnel.create(TunnelSettings.standard(), asked::add))) {
      peer.request(1);
      TestApp.on(asked.getFirst().accept(""));
      int frames = 0;
      while (peer.channel.isOpen() && frames <= MOST_COUNTS * FloodGuard.FRAMES) {
        peer.send(frame);
        frames++;
        if (frames % 1000 == 0 && peer.channel.isOpen()) {
          peer.heard();
        }
      }
      assertThat(peer.channel.isOpen()).as("after %d frames", frames).isFalse();
      assertThat(Math.floorMod(-frames, FloodGuard.FRAMES))
          .as("before a full count")
          .isLessThan(11);
      assertThat(peer.heard().getLast()).contains("ENHANCE_YOUR_CALM");
    }
  }

  /** Go's and others' way: an update for what was read, of the stream and of the connection. */
  @Test
  void updatesForWhatWasSentAreNoFlood() {
    Stream stream = open(1);
    byte[][] updates = new byte[34][];
    Arrays.setAll(updates, i -> RawFrame.ofInts(8, 0, i % 2, i < 2 ? 1 : 1024));
    for (int i = 0; i < 700; i++) {
      stream.write(1);
      peer.heard();
      stream.write(16 * 1024);
      peer.heard();
      peer.send(updates);
    }
    assertThat(peer.channel.isOpen()).isTrue();
  }
}
