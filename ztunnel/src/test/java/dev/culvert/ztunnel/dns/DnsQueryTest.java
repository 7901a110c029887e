// SPDX-License-Identifier: Apache-2.0
package dev.culvert.ztunnel.dns;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.buffer.UnpooledByteBufAllocator;
import java.net.InetAddress;
import java.util.Collections;
import java.util.HexFormat;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

class DnsQueryTest {
  /** A query for the address of web.shop.svc.cluster.local. */
  private static final byte[] QUERY =
      HexFormat.of()
          .parseHex(
              "12340100000100000000000003776562"
                  + "0473686f70037376630763"
                  + "6c7573746572056c6f63616c0000010001");

  @Test
  void questionReadAndKept() {
    DnsQuery query = DnsQuery.read(Unpooled.wrappedBuffer(QUERY)).orElseThrow();

    assertThat(query.id()).isEqualTo(0x1234);
    assertThat(query.name()).isEqualTo("web.shop.svc.cluster.local");
    assertThat(query.asksForAddress()).isTrue();
    assertThat(query.question()).hasSize(QUERY.length - DnsQuery.HEADER);
  }

  @Test
  void anyBytesAreReadOrRefused() {
    Random random = new Random(53);
    for (int i = 0; i < 100_000; i++) {
      byte[] packet = QUERY.clone();
      for (int change = 0; change <= random.nextInt(6); change++) {
        packet[random.nextInt(packet.length)] = (byte) random.nextInt(256);
      }
      int length = random.nextInt(4) == 0 ? random.nextInt(packet.length) : packet.length;
      ByteBuf buffer = Unpooled.wrappedBuffer(packet, 0, length);
      DnsQuery.read(buffer)
          .ifPresent(query -> assertThat(query.question()).hasSizeBetween(5, packet.length));
      assertThat(buffer.readerIndex()).isZero();
    }
  }

  @Test
  void aliasThatLeavesNoRoomStillAnswered() {
    String label = "x".repeat(63);
    String hostname = String.join(".", Collections.nCopies(7, label));
    DnsQuery query = DnsQuery.read(Unpooled.wrappedBuffer(QUERY)).orElseThrow();
    ByteBuf answer =
        DnsAnswer.addresses(
            UnpooledByteBufAllocator.DEFAULT,
            query,
            hostname,
            List.of(InetAddress.ofLiteral("198.18.0.1")));

    assertThat(answer.getUnsignedShort(6)).isEqualTo(1);
    answer.release();
  }

  @Test
  void nameInCapitalsMeansTheSame() {
    byte[] capitals = QUERY.clone();
    capitals[13] = 'W';

    assertThat(DnsQuery.read(Unpooled.wrappedBuffer(capitals)).orElseThrow().name())
        .isEqualTo("web.shop.svc.cluster.local");
  }
}
