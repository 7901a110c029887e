// SPDX-License-Identifier: Apache-2.0
package dev.culvert.ztunnel.tls;

import static dev.culvert.ztunnel.tls.OpenedPair.bring;
import static dev.culvert.ztunnel.tls.OpenedPair.join;
import static dev.culvert.ztunnel.tls.OpenedPair.pattern;
import static dev.culvert.ztunnel.tls.OpenedPair.read;
import static dev.culvert.ztunnel.tls.OpenedPair.sent;
import static org.assertj.core.api.Assertions.assertThat;

import dev.culvert.ztunnel.peers.LeakWatch;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.handler.ssl.SslHandler;
import io.netty.handler.ssl.SslProvider;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** What goes through a session that is open. */
class TlsRecordsTest {
  private static final int RECORD = OpenSession.RECORD_BYTES;

  static Stream<Arguments> sides() {
    return Stream.of(SslProvider.OPENSSL, SslProvider.JDK)
        .flatMap(peer -> Stream.of(Arguments.of(true, peer), Arguments.of(false, peer)));
  }

  @AfterAll
  static void nothingLeaked() throws Exception {
    assertThat(LeakWatch.leaks()).isEmpty();
  }

  @ParameterizedTest
  @MethodSource("sides")
  void recordsCutAtEachByte(boolean server, SslProvider peers) throws Exception {
    try (OpenedPair pair = new OpenedPair(server, peers)) {
      int cut = 0;
      byte[] records;
      do {
        records = pair.recordsOf(pattern(3), pattern(40), pattern(7));
        bring(pair.own, Arrays.copyOf(records, cut));
        bring(pair.own, Arrays.copyOfRange(records, cut, records.length));
        assertThat(read(pair.own))
            .as("cut at %d", cut)
            .isEqualTo(join(pattern(3), pattern(40), pattern(7)));
        cut++;
      } while (cut < records.length);
    }
  }

  @ParameterizedTest
  @MethodSource("sides")
  void longRecordsCutAnywhere(boolean server, SslProvider peers) throws Exception {
    byte[] sent = pattern(5 * RECORD + 100);
    try (OpenedPair pair = new OpenedPair(server, peers)) {
      for (int piece : List.of(777, 4_000, RECORD, RECORD + 22, 3 * RECORD, 10 * RECORD)) {
        byte[] records = pair.recordsOf(sent);
        for (int at = 0; at < records.length; at += piece) {
          bring(pair.own, Arrays.copyOfRange(records, at, Math.min(at + piece, records.length)));
        }
        assertThat(read(pair.own)).as("pieces of %d", piece).isEqualTo(sent);
      }
    }
  }

  @ParameterizedTest
  @MethodSource("sides")
  void writesOfAllSizes(boolean server, SslProvider peers) throws Exception {
    List<List<Integer>> flushes =
        List.of(
            List.of(1),
            List.of(9, 61 * 1024, 9, 61 * 1024),
            List.of(9, RECORD, 9),
            List.of(RECORD),
            List.of(RECORD - 1, 2),
            List.of(3 * RECORD, 1, 3 * RECORD),
            List.of(1_000_000),
            List.of(1, 2, 0, 3, 4_000, 70_000));
    try (OpenedPair pair = new OpenedPair(server, peers)) {
      for (List<Integer> flush : flushes) {
        byte[] expected = {};
        for (int bytes : flush) {
          var _ = pair.own.write(direct(pair, pattern(bytes)), pair.own.voidPromise());
          expected = join(expected, pattern(bytes));
        }
        pair.own.flush();
        bring(pair.peer, sent(pair.own));
        assertThat(read(pair.peer)).as("%s", flush).isEqualTo(expected);
      }
    }
  }

  private static ByteBuf direct(OpenedPair pair, byte[] bytes) {
    return pair.own.alloc().directBuffer(Math.max(1, bytes.length)).writeBytes(bytes);
  }

  @ParameterizedTest
  @MethodSource("sides")
  void writeOfAnArray(boolean server, SslProvider peers) throws Exception {
    try (OpenedPair pair = new OpenedPair(server, peers)) {
      pair.own.writeOutbound(Unpooled.wrappedBuffer(pattern(50_000)));
      bring(pair.peer, sent(pair.own));
      assertThat(read(pair.peer)).isEqualTo(pattern(50_000));
    }
  }

  @ParameterizedTest
  @MethodSource("sides")
  void promiseIsKeptWhenAllBeforeItHasLeft(boolean server, SslProvider peers) throws Exception {
    try (OpenedPair pair = new OpenedPair(server, peers)) {
      var _ = pair.own.write(Unpooled.wrappedBuffer(pattern(10)), pair.own.voidPromise());
      var left = pair.own.write(Unpooled.EMPTY_BUFFER);
      assertThat(left.isDone()).isFalse();
      pair.own.flush();
      assertThat(left.isSuccess()).isTrue();
      bring(pair.peer, sent(pair.own));
      assertThat(read(pair.peer)).isEqualTo(pattern(10));
    }
  }

  /** Java's TLS asks for new keys where others would renegotiate, and wants ours renewed too. */
  @ParameterizedTest
  @MethodSource("sides")
  void keysAreRenewed(boolean server, SslProvider peers) throws Exception {
    try (OpenedPair pair = new OpenedPair(server, SslProvider.JDK)) {
      for (int round = 0; round < 3; round++) {
        pair.peer.pipeline().get(SslHandler.class).engine().beginHandshake();
        byte[] records = pair.recordsOf(pattern(20));
        assertThat(records.length).as("with an update of keys").isGreaterThan(20 + 2 * 22);
        bring(pair.own, records);
        assertThat(read(pair.own)).isEqualTo(pattern(20));
        pair.own.writeOutbound(Unpooled.wrappedBuffer(pattern(30)));
        bring(pair.peer, sent(pair.own));
        assertThat(read(pair.peer)).isEqualTo(pattern(30));
      }
    }
  }
}
