// SPDX-License-Identifier: Apache-2.0
package dev.culvert.ztunnel.hbone;

import static org.assertj.core.api.Assertions.assertThat;

import dev.culvert.ztunnel.hbone.frame.RawFrame;
import dev.culvert.ztunnel.peers.LeakWatch;
import io.netty.buffer.Unpooled;
import io.netty.channel.embedded.EmbeddedChannel;
import io.netty.handler.codec.http2.DefaultHttp2Headers;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The side that is asked, with a peer that sends what it likes. */
class ServerTunnelTest {
  private static final int LIMIT = TunnelSettings.standard().maxStreamsServed();
  private static final int MOST_COUNTS = 20;
  private static final String REFUSED = "REFUSED_STREAM";

  private final List<InboundConnect> asked = new ArrayList<>();
  private final FramedPeer peer =
      new FramedPeer(ServerTunnel.create(TunnelSettings.standard(), asked::add));

  @AfterEach
  void close() {
    peer.close();
  }

  @AfterAll
  static void nothingLeaked() throws Exception {
    assertThat(LeakWatch.leaks()).isEmpty();
  }

  private Stream open(int id) {
    peer.request(id);
    HboneStream half = (HboneStream) asked.getLast().accept("");
    Stream stream = new Stream(half, TestApp.on(half));
    assertThat(peer.heard()).contains("headers %d :status=200baggage=".formatted(id));
    return stream;
  }

  private record Stream(HboneStream half, TestApp app) {
    void write(int bytes) {
      half.write(Unpooled.wrappedBuffer(new byte[bytes]), app);
      half.flush();
    }
  }

  private String sent(int stream) {
    return peer.heard().stream()
        .filter(event -> event.startsWith("data " + stream + " "))
        .map(event -> Integer.toString(event.split(" ", -1)[2].length() / 2))
        .findFirst()
        .orElse("nothing");
  }

  private void assertEnded(String code) {
    assertThat(peer.heard().getLast()).startsWith("goaway").contains(code);
    assertThat(peer.channel.isOpen()).isFalse();
  }

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
  void lateDataIsIgnoredAndCounts() {
    Stream stream = open(1);
    stream.half().reset();
    for (int i = 0; i < 9; i++) {
      peer.data(1, 1 << 20);
    }
    assertThat(peer.heard()).contains("reset 1 CONNECT_ERROR", "window 0 " + (8 << 20));
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

  @Test
  void drainedTunnelServesWhatWasOnItsWayAndNothingLater() {
    open(1);
    ((TunnelHandler) peer.channel.pipeline().first()).drain();
    List<String> told = peer.heard();
    assertThat(told.getFirst()).startsWith("goaway 2147483647 NO_ERROR");
    open(3);
    long ping = Long.parseLong(told.getLast().split(" ", -1)[1]);
    peer.send(RawFrame.ofInts(6, 1, 0, (int) (ping >>> 32), (int) ping));
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
    long ping = Long.parseLong(peer.heard().getLast().split(" ", -1)[1]);
    peer.send(RawFrame.ofInts(6, 1, 0, (int) (ping >>> 32), (int) ping));
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
          long ping = Long.parseLong(event.split(" ", -1)[1]);
          peer.send(RawFrame.ofInts(6, 1, 0, (int) (ping >>> 32), (int) ping));
        }
        if (event.startsWith("goaway")) {
          assertThat(i).isBetween(88, 95);
        }
      }
    }
    assertThat(peer.channel.isOpen()).isFalse();
  }
}
