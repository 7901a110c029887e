// SPDX-License-Identifier: Apache-2.0
package dev.culvert.waypoint.accept;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.embedded.EmbeddedChannel;
import io.netty.handler.codec.TooLongFrameException;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The first bytes of a connection, before anything of TLS was made for it. */
final class TlsEntranceTest {
  private final EmbeddedChannel channel =
      new EmbeddedChannel(new TlsEntrance(new ServerNames(Map.of())));

  /** A record of handshake that begins a ClientHello of this length (RFC 8446, section 4). */
  private static ByteBuf hello(int length) {
    return Unpooled.buffer()
        .writeBytes(new byte[] {22, 3, 1, 0, 14, 1})
        .writeMedium(length)
        .writeBytes(new byte[10]);
  }

  @ParameterizedTest
  @CsvSource({"1000, true", "65536, true", "65537, false", "16777215, false"})
  void lengthThatIsOnlyAnnouncedReservesNothing(int length, boolean taken) {
    try {
      channel.writeInbound(hello(length));
    } catch (TooLongFrameException e) {
      assertThat(taken).isFalse();
    }
    assertThat(channel.isOpen()).isEqualTo(taken);
  }

  @AfterEach
  void end() {
    channel.close().awaitUninterruptibly();
  }

  @Test
  void whatIsNoTlsIsClosed() {
    channel.writeInbound(Unpooled.wrappedBuffer("GET / HTTP/1.1\r\n\r\n".getBytes(US_ASCII)));
    channel.runPendingTasks();
    assertThat(channel.isOpen()).isFalse();
  }
}
