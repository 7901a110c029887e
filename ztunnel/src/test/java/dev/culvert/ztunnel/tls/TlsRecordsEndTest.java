// SPDX-License-Identifier: Apache-2.0
package dev.culvert.ztunnel.tls;

import static dev.culvert.ztunnel.tls.OpenedPair.bring;
import static dev.culvert.ztunnel.tls.OpenedPair.join;
import static dev.culvert.ztunnel.tls.OpenedPair.pattern;
import static dev.culvert.ztunnel.tls.OpenedPair.read;
import static dev.culvert.ztunnel.tls.OpenedPair.sent;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.culvert.ztunnel.peers.LeakWatch;
import io.netty.buffer.Unpooled;
import io.netty.channel.embedded.EmbeddedChannel;
import io.netty.handler.ssl.ReferenceCountedOpenSslEngine;
import io.netty.handler.ssl.SslHandler;
import io.netty.handler.ssl.SslProvider;
import io.netty.util.ReferenceCounted;
import java.nio.channels.ClosedChannelException;
import java.util.Arrays;
import java.util.stream.Stream;
import javax.net.ssl.SSLException;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** How a session that is open ends, in order and otherwise. */
class TlsRecordsEndTest {
  static Stream<Arguments> sides() {
    return TlsRecordsTest.sides();
  }

  @AfterAll
  static void nothingLeaked() throws Exception {
    assertThat(LeakWatch.leaks()).isEmpty();
  }

  @ParameterizedTest
  @MethodSource("sides")
  void peerThatCloses(boolean server, SslProvider peers) throws Exception {
    try (OpenedPair pair = new OpenedPair(server, peers)) {
      pair.peer.writeOutbound(Unpooled.wrappedBuffer(pattern(100)));
      var _ = pair.peer.pipeline().get(SslHandler.class).closeOutbound();
      pair.peer.runPendingTasks();
      bring(pair.own, sent(pair.peer));
      assertThat(read(pair.own)).isEqualTo(pattern(100));
      assertThat(pair.own.isOpen()).isFalse();
      assertThat(sent(pair.own)).as("a notice back").isNotEmpty();
    }
  }

  @ParameterizedTest
  @MethodSource("sides")
  void closeSendsWhatWasWrittenAndSaysSo(boolean server, SslProvider peers) throws Exception {
    try (OpenedPair pair = new OpenedPair(server, peers)) {
      var _ = pair.own.write(Unpooled.wrappedBuffer(pattern(100)), pair.own.voidPromise());
      var _ = pair.own.close();
      assertThat(pair.own.isOpen()).isFalse();
      bring(pair.peer, sent(pair.own));
      assertThat(read(pair.peer)).isEqualTo(pattern(100));
      assertThat(pair.peer.pipeline().get(SslHandler.class).engine().isInboundDone()).isTrue();
    }
  }

  @ParameterizedTest
  @MethodSource("sides")
  void sessionIsFreedWithItsConnection(boolean server, SslProvider peers) throws Exception {
    try (OpenedPair pair = new OpenedPair(server, peers)) {
      assertThat(((ReferenceCounted) pair.engine).refCnt()).isEqualTo(1);
      var _ = pair.own.close();
      pair.own.runPendingTasks();
      assertThat(((ReferenceCounted) pair.engine).refCnt()).isZero();
    }
  }

  @Test
  void sessionThatIsOverIsNotCarriedOn() throws Exception {
    EmbeddedChannel channel = OpenedPair.channel(OpenedPair.client(SslProvider.OPENSSL));
    SslHandler handshake = channel.pipeline().get(SslHandler.class);
    ((ReferenceCountedOpenSslEngine) handshake.engine()).shutdown();
    assertThat(TlsRecords.replace(channel.pipeline(), handshake)).isFalse();
    channel.releaseOutbound();
  }

  @ParameterizedTest
  @MethodSource("sides")
  void recordThatIsCutOffIsNotDelivered(boolean server, SslProvider peers) throws Exception {
    try (OpenedPair pair = new OpenedPair(server, peers)) {
      byte[] records = pair.recordsOf(pattern(50), pattern(60));
      bring(pair.own, Arrays.copyOf(records, records.length - 1));
      var _ = pair.own.close();
      assertThat(read(pair.own)).isEqualTo(pattern(50));
    }
  }

  @ParameterizedTest
  @MethodSource("sides")
  void nothingIsWrittenAfterTheEnd(boolean server, SslProvider peers) throws Exception {
    try (OpenedPair pair = new OpenedPair(server, peers)) {
      var _ = pair.own.close();
      sent(pair.own);
      var late = pair.own.writeAndFlush(Unpooled.wrappedBuffer(pattern(10)));
      assertThat(late.cause()).isInstanceOf(ClosedChannelException.class);
      assertThat(sent(pair.own)).isEmpty();
    }
  }

  /** The kind, the length, what is inside and the seal: whatever was changed. */
  @ParameterizedTest
  @MethodSource("sides")
  void changedRecordBreaksTheConnection(boolean server, SslProvider peers) throws Exception {
    for (int at : new int[] {0, 3, 4, 5, 30, 100, -1}) {
      try (OpenedPair pair = new OpenedPair(server, peers)) {
        byte[] good = pair.recordsOf(pattern(20));
        byte[] bad = pair.recordsOf(pattern(200));
        bad[at < 0 ? bad.length - 1 : at] ^= 2;
        // A length of two more would wait for them.
        byte[] more = pair.recordsOf(pattern(2_000));
        byte[] all = join(good, bad, more);
        assertThatThrownBy(
                () -> {
                  bring(pair.own, all);
                  pair.own.checkException();
                })
            .as("changed at %d", at)
            .isInstanceOf(SSLException.class);
        assertThat(read(pair.own)).isEqualTo(pattern(20));
        assertThat(pair.own.isOpen()).isFalse();
        byte[] alert = sent(pair.own);
        assertThatThrownBy(() -> bring(pair.peer, alert)).hasCauseInstanceOf(SSLException.class);
      }
    }
  }

  @ParameterizedTest
  @MethodSource("sides")
  void alertOfThePeerIsTold(boolean server, SslProvider peers) throws Exception {
    try (OpenedPair pair = new OpenedPair(server, peers)) {
      pair.own.writeOutbound(Unpooled.wrappedBuffer(pattern(20)));
      byte[] records = sent(pair.own);
      records[records.length - 1] ^= 1;
      byte[] alert = pair.answerOfBroken(records);
      assertThatThrownBy(() -> bring(pair.own, alert))
          .isInstanceOf(SSLException.class)
          .hasMessageContaining("ALERT");
      assertThat(pair.own.isOpen()).isFalse();
    }
  }
}
