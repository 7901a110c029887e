// SPDX-License-Identifier: Apache-2.0
package dev.culvert.waypoint.http;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelFuture;
import io.netty.channel.embedded.EmbeddedChannel;
import java.nio.channels.ClosedChannelException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** What becomes of the pieces that an HTTP/2 connection writes. */
final class GatheredFramesTest {
  private final EmbeddedChannel channel = new EmbeddedChannel(new GatheredFrames());

  @AfterEach
  void close() {
    channel.finishAndReleaseAll();
  }

  @Test
  void shortPiecesLeaveAsOneBuffer() {
    ChannelFuture first = channel.write(piece(9, 'h'));
    var _ = channel.write(piece(64, 'd'));
    assertThat(sent()).isEmpty();
    assertThat(first.isDone()).isFalse();

    channel.flush();
    assertThat(first.isSuccess()).isTrue();
    assertThat(sent()).containsExactly("h".repeat(9) + "d".repeat(64));
  }

  @Test
  void aLongPieceKeepsItsPlace() {
    var _ = channel.write(piece(9, 'h'));
    var _ = channel.write(piece(4096, 'd'));
    var _ = channel.write(piece(9, 'e'));
    channel.flush();

    assertThat(sent()).containsExactly("h".repeat(9), "d".repeat(4096), "e".repeat(9));
  }

  @Test
  void moreThanABufferHoldsLeavesInSeveral() {
    for (int i = 0; i < 10; i++) {
      var _ = channel.write(piece(1000, 'd'));
    }
    channel.flush();

    assertThat(sent()).containsExactly("d".repeat(8000), "d".repeat(2000));
  }

  @Test
  void nothingIsKeptOfAConnectionThatEnds() {
    ByteBuf piece = piece(9, 'h');
    ChannelFuture written = channel.write(piece);
    channel.pipeline().remove(GatheredFrames.class);

    assertThat(piece.refCnt()).isZero();
    assertThat(written.cause()).isInstanceOf(ClosedChannelException.class);
    channel.flush();
    assertThat(sent()).isEmpty();
  }

  private static ByteBuf piece(int length, char of) {
    return Unpooled.copiedBuffer(String.valueOf(of).repeat(length), StandardCharsets.US_ASCII);
  }

  private List<String> sent() {
    List<String> buffers = new ArrayList<>();
    for (ByteBuf one = channel.readOutbound(); one != null; one = channel.readOutbound()) {
      buffers.add(one.toString(StandardCharsets.US_ASCII));
      one.release();
    }
    return buffers;
  }
}
