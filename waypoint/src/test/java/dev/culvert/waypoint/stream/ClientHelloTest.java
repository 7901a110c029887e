// SPDX-License-Identifier: Apache-2.0
package dev.culvert.waypoint.stream;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;

import dev.culvert.waypoint.stream.ClientHello.Seen;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.buffer.UnpooledByteBufAllocator;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import javax.net.ssl.SNIHostName;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLParameters;
import org.junit.jupiter.api.Test;

/** What is read of the first message of a handshake. */
final class ClientHelloTest {
  static byte[] hello(String... names) throws Exception {
    SSLEngine engine = SSLContext.getDefault().createSSLEngine();
    engine.setUseClientMode(true);
    SSLParameters parameters = engine.getSSLParameters();
    if (names.length > 0) {
      parameters.setServerNames(List.of(new SNIHostName(names[0])));
    }
    engine.setSSLParameters(parameters);
    ByteBuffer out = ByteBuffer.allocate(engine.getSession().getPacketBufferSize());
    engine.wrap(ByteBuffer.allocate(0), out);
    byte[] bytes = new byte[out.flip().remaining()];
    out.get(bytes);
    return bytes;
  }

  /** What is seen after the last of some parts. */
  private static Seen seen(byte[]... parts) {
    try (ClientHello hello = new ClientHello(UnpooledByteBufAllocator.DEFAULT)) {
      Seen last = new Seen.Part();
      for (byte[] part : parts) {
        assertThat(last).isEqualTo(new Seen.Part());
        ByteBuf data = Unpooled.wrappedBuffer(part);
        last = hello.add(data);
        assertThat(data.readableBytes()).isEqualTo(part.length);
      }
      return last;
    }
  }

  private static byte[] from(byte[] bytes, int start, int end) {
    return Arrays.copyOfRange(bytes, start, end);
  }

  @Test
  void nameIsFoldedToLowerCase() throws Exception {
    assertThat(seen(hello("Vault.Example.com")))
        .isEqualTo(new Seen.Whole(Optional.of("vault.example.com")));
  }

  @Test
  void handshakeMayNameNobody() throws Exception {
    assertThat(seen(hello())).isEqualTo(new Seen.Whole(Optional.empty()));
  }

  @Test
  void helloMayComeInTwoPartsOfAnyLength() throws Exception {
    byte[] hello = hello("a.example.com");
    for (int at = 1; at < hello.length; at++) {
      assertThat(seen(from(hello, 0, at), from(hello, at, hello.length)))
          .isEqualTo(new Seen.Whole(Optional.of("a.example.com")));
    }
  }

  @Test
  void helloMayComeInSeveralRecords() throws Exception {
    byte[] hello = hello("a.example.com");
    ByteBuf records = Unpooled.buffer();
    for (int at = 5; at < hello.length; at += 50) {
      int end = Math.min(at + 50, hello.length);
      records.writeBytes(hello, 0, 3).writeShort(end - at).writeBytes(hello, at, end - at);
    }
    byte[] split = new byte[records.readableBytes()];
    records.readBytes(split);
    assertThat(seen(split)).isEqualTo(new Seen.Whole(Optional.of("a.example.com")));
  }

  @Test
  void whatFollowsTheHelloIsNotLookedAt() throws Exception {
    byte[] hello = hello("a.example.com");
    byte[] more = Arrays.copyOf(hello, hello.length + 100);
    assertThat(seen(more)).isEqualTo(new Seen.Whole(Optional.of("a.example.com")));
  }

  @Test
  void otherProtocolsAreKnownByTheirFirstBytes() {
    assertThat(seen("GET / HTTP/1.1\r\n".getBytes(US_ASCII))).isInstanceOf(Seen.Other.class);
    assertThat(seen(new byte[] {22, 3, 1, 0, 0})).isInstanceOf(Seen.Other.class);
    assertThat(seen(new byte[] {22, 3, 1, 0, 4, 2, 0, 0, 0})).isInstanceOf(Seen.Other.class);
  }

  @Test
  void helloWithoutEndIsNotGathered() {
    assertThat(seen(new byte[] {22, 3, 1, 0, 4, 1, 2, 0, 0})).isInstanceOf(Seen.Other.class);
  }

  @Test
  void brokenHelloIsNeverMistakenForAWholeOneAndNeverThrows() throws Exception {
    Random random = new Random(11);
    byte[] hello = hello("a.example.com");
    for (int round = 0; round < 20_000; round++) {
      byte[] broken = hello.clone();
      for (int i = 0; i < 3; i++) {
        broken[random.nextInt(broken.length)] = (byte) random.nextInt();
      }
      assertThat(seen(broken)).isNotNull();
    }
    byte[] endless = hello.clone();
    // The length of the extensions is beyond the message.
    endless[
            5
                + 4
                + 34
                + 1
                + 32
                + 2
                + (endless[5 + 4 + 34 + 33] & 0xff) * 256
                + (endless[5 + 4 + 34 + 34] & 0xff)
                + 2] =
        (byte) 0xff;
    assertThat(seen(endless)).isInstanceOf(Seen.Other.class);
  }
}
