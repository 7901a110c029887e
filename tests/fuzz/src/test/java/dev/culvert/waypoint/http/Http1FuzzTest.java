// SPDX-License-Identifier: Apache-2.0
package dev.culvert.waypoint.http;

import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;
import dev.culvert.fuzz.Allocation;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.UnpooledByteBufAllocator;
import java.util.Arrays;

/** What a client without any identity may send to a front door, and a backend may answer. */
class Http1FuzzTest {
  private static final int MAX_HEAD = 4096;

  /** The first byte says how the rest is cut into packets. */
  @FuzzTest
  void requests(byte[] input) {
    if (input.length > 0) {
      read(true, Arrays.copyOfRange(input, 1, input.length), 1 + (input[0] & 0xff));
    }
  }

  @FuzzTest
  void responses(byte[] input) {
    if (input.length > 0) {
      read(false, Arrays.copyOfRange(input, 1, input.length), 1 + (input[0] & 0xff));
    }
  }

  /** However the bytes arrive, they mean the same, and nothing of them is kept in the end. */
  private static void read(boolean client, byte[] input, int step) {
    String whole = Allocation.bounded(input, () -> told(client, input, input.length + 1));
    assertThat(told(client, input, step)).isEqualTo(whole);
    assertThat(told(client, input, 1)).isEqualTo(whole);
  }

  private static String told(boolean client, byte[] input, int step) {
    UnpooledByteBufAllocator memory = new UnpooledByteBufAllocator(false, true);
    HeardMessages heard = new HeardMessages(client);
    Http1Input reader = new Http1Input(heard, memory, client, MAX_HEAD);
    heard.resumes(reader);
    for (int from = 0; from < input.length; from += step) {
      int to = Math.min(input.length, from + step);
      ByteBuf packet = memory.heapBuffer(to - from);
      reader.read(packet.writeBytes(input, from, to - from));
      assertThat(memory.metric().usedHeapMemory() + memory.metric().usedDirectMemory())
          .as("bytes kept for what is not whole")
          .isLessThan(4L * (input.length + MAX_HEAD));
    }
    reader.end();
    assertThat(memory.metric().usedHeapMemory()).as("heap buffers left").isZero();
    assertThat(memory.metric().usedDirectMemory()).as("direct buffers left").isZero();
    return heard.told();
  }
}
