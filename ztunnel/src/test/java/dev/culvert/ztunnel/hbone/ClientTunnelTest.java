// SPDX-License-Identifier: Apache-2.0
package dev.culvert.ztunnel.hbone;

import static org.assertj.core.api.Assertions.assertThat;

import dev.culvert.policy.spiffe.SpiffeId;
import dev.culvert.policy.spiffe.TrustDomain;
import dev.culvert.ztunnel.hbone.frame.RawFrame;
import dev.culvert.ztunnel.peers.LeakWatch;
import dev.culvert.ztunnel.telemetry.ResponseFlag;
import dev.culvert.ztunnel.transport.Leaving;
import dev.culvert.ztunnel.transport.PodSockets;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.embedded.EmbeddedChannel;
import io.netty.handler.codec.http2.DefaultHttp2Headers;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The pool and the tunnels that it dials, with peers that answer what they like. */
class ClientTunnelTest {
  private static final InetSocketAddress PEER =
      new InetSocketAddress(InetAddress.ofLiteral("198.18.2.3"), 15008);
  private static final TrustDomain DOMAIN = new TrustDomain("cluster.local");
  private static final TunnelKey KEY =
      new TunnelKey(
          new PodSockets(null, null, null, null),
          SpiffeId.workload(DOMAIN, "shop", "client"),
          PEER,
          Set.of(SpiffeId.workload(DOMAIN, "shop", "web")));

  private final EmbeddedChannel loopOwner = new EmbeddedChannel();
  private final TunnelPool pool = new TunnelPool(loopOwner.eventLoop(), this::dial, 3);
  private final List<FramedPeer> peers = new ArrayList<>();
  private final List<HboneStream> opened = new ArrayList<>();
  private final List<TunnelException> failed = new ArrayList<>();
  private final List<String> told = new ArrayList<>();
  private byte[] firstFrame = RawFrame.of(4, 0, 0);
  private String early = "";
  private boolean unreachable;

  @AfterEach
  void close() {
    peers.forEach(FramedPeer::close);
    loopOwner.finishAndReleaseAll();
  }

  @AfterAll
  static void nothingLeaked() throws Exception {
    assertThat(LeakWatch.leaks()).isEmpty();
  }

  private void dial(TunnelKey key, ClientTunnel.Owner owner, TunnelDialer.Result result) {
    if (unreachable) {
      result.failed(new TunnelException(ResponseFlag.CONNECT, "nobody is there"));
      return;
    }
    ClientTunnel tunnel = ClientTunnel.create(TunnelSettings.standard(), key, owner);
    peers.add(new FramedPeer(tunnel, firstFrame));
    result.connected(tunnel);
  }

  private void ask() {
    pool.open(
        KEY,
        new ConnectRequest(PEER, "", ""),
        new Opening() {
          @Override
          public ByteBuf early() {
            return Unpooled.copiedBuffer(early, StandardCharsets.US_ASCII);
          }

          @Override
          public void opened(HboneStream stream) {
            opened.add(stream);
          }

          @Override
          public void failed(TunnelException cause) {
            failed.add(cause);
          }
        });
  }

  private FramedPeer asked() {
    ask();
    FramedPeer peer = peers.getFirst();
    assertThat(peer.heard().getLast()).startsWith("headers 1 :method=CONNECT");
    return peer;
  }

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

  private void pong(FramedPeer peer) {
    for (String event : peer.heard()) {
      told.add(event);
      if (event.startsWith("ping ")) {
        long ping = Long.parseLong(event.split(" ", -1)[1]);
        peer.send(RawFrame.ofInts(6, 1, 0, (int) (ping >>> 32), (int) ping));
      }
    }
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
