// SPDX-License-Identifier: Apache-2.0
package dev.culvert.ztunnel.transport;

import static org.assertj.core.api.Assertions.assertThat;

import dev.culvert.ztunnel.peers.LeakWatch;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.PooledByteBufAllocator;
import java.util.SplittableRandom;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;

class BacklogTest {
  @AfterAll
  static void nothingLeaked() throws Exception {
    assertThat(LeakWatch.leaks()).isEmpty();
  }

  private static ByteBuf bytes(int count, int first) {
    ByteBuf buffer = PooledByteBufAllocator.DEFAULT.directBuffer(Math.max(count, 1024));
    return buffer.writeBytes(values(count, first));
  }

  private static byte[] values(int count, int first) {
    byte[] values = new byte[count];
    for (int i = 0; i < count; i++) {
      values[i] = (byte) (first + i);
    }
    return values;
  }

  @Test
  void singleBytesShareBuffers() {
    Backlog backlog = new Backlog(64);
    for (int i = 0; i < 20_000; i++) {
      backlog.add(bytes(1, i));
    }
    assertThat(backlog.size()).isBetween(64, 67);
    backlog.clear();
    assertThat(backlog.isEmpty()).isTrue();
  }

  @Test
  void orderIsKeptHoweverItIsTaken() {
    SplittableRandom random = new SplittableRandom(3);
    Backlog backlog = new Backlog(2);
    int in = 0;
    int out = 0;
    for (int round = 0; round < 3_000; round++) {
      int count = random.nextInt(1, random.nextInt(10) == 0 ? 20_000 : 50);
      backlog.add(bytes(count, in));
      in += count;
      while (random.nextBoolean() && !backlog.isEmpty()) {
        ByteBuf part = backlog.poll(random.nextInt(1, 400));
        byte[] taken = ByteBufUtil.getBytes(part);
        part.release();
        assertThat(taken).isEqualTo(values(taken.length, out));
        out += taken.length;
      }
    }
    assertThat(out).isPositive();
    backlog.clear();
  }
}
