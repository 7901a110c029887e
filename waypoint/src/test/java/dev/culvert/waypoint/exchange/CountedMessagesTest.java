// SPDX-License-Identifier: Apache-2.0
package dev.culvert.waypoint.exchange;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import org.junit.jupiter.api.Test;

final class CountedMessagesTest {
  /** Messages of these many bytes. */
  private static ByteBuf call(int... lengths) {
    ByteBuf bytes = Unpooled.buffer();
    for (int length : lengths) {
      bytes.writeByte(0).writeInt(length).writeZero(length);
    }
    return bytes;
  }

  private static long counted(ByteBuf... parts) {
    CountedMessages messages = new CountedMessages();
    for (ByteBuf part : parts) {
      messages.add(part);
    }
    return messages.count();
  }

  @Test
  void messagesAreCountedHoweverTheyAreCut() {
    ByteBuf whole = call(3, 0, 300, 70_000, 0);
    for (int cut = 0; cut <= whole.readableBytes(); cut += cut < 400 ? 1 : 997) {
      ByteBuf before = whole.slice(0, cut);
      ByteBuf after = whole.slice(cut, whole.readableBytes() - cut);
      assertThat(counted(before, after)).as("cut at %d", cut).isEqualTo(5);
    }
  }

  @Test
  void bytesThatGoByStayAsTheyAre() {
    ByteBuf whole = call(3);
    new CountedMessages().add(whole);
    assertThat(whole.readableBytes()).isEqualTo(8);
    assertThat(whole.refCnt()).isEqualTo(1);
  }

  @Test
  void messageCountsFromTheEndOfItsPrefixOn() {
    assertThat(counted(call(3).slice(0, 4))).isZero();
    assertThat(counted(call(3).slice(0, 5))).isEqualTo(1);
  }

  @Test
  void longestMessageThatAPrefixCanTellHidesNothing() {
    ByteBuf longest = Unpooled.buffer().writeByte(1).writeInt(-1);
    assertThat(counted(longest, call(3))).isEqualTo(1);
  }
}
