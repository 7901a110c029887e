// SPDX-License-Identifier: Apache-2.0
package dev.culvert.ztunnel.hbone.frame;

import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;
import dev.culvert.fuzz.Allocation;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.UnpooledByteBufAllocator;
import java.util.Arrays;
import java.util.List;

/** What a peer may send inside its TLS, from its first byte. */
class FrameFuzzTest {
  private static final int MAX_FRAME = 1 << 16;
  private static final int MAX_HEADERS = 4096;

  /** The first byte says how the rest is cut into packets. */
  @FuzzTest
  void framesOfAClient(byte[] input) {
    if (input.length > 0) {
      read(true, Arrays.copyOfRange(input, 1, input.length), 1 + (input[0] & 0xff));
    }
  }

  @FuzzTest
  void framesOfAServer(byte[] input) {
    if (input.length > 0) {
      read(false, Arrays.copyOfRange(input, 1, input.length), 1 + (input[0] & 0xff));
    }
  }

  /** However the bytes arrive, they mean the same, and nothing of them is kept in the end. */
  private static void read(boolean server, byte[] input, int step) {
    List<String> whole = Allocation.bounded(input, () -> told(server, input, input.length + 1));
    assertThat(told(server, input, step)).isEqualTo(whole);
    assertThat(told(server, input, 1)).isEqualTo(whole);
  }

  private static List<String> told(boolean server, byte[] input, int step) {
    UnpooledByteBufAllocator memory = new UnpooledByteBufAllocator(false, true);
    HeardFrames heard = new HeardFrames();
    FrameReader reader = new FrameReader(heard, memory, server, MAX_FRAME, MAX_HEADERS);
    try {
      for (int from = 0; from < input.length; from += step) {
        int to = Math.min(input.length, from + step);
        ByteBuf packet = memory.heapBuffer(to - from);
        reader.read(packet.writeBytes(input, from, to - from));
        assertThat(memory.metric().usedHeapMemory() + memory.metric().usedDirectMemory())
            .as("bytes kept for a frame that is not whole")
            .isLessThan(4L * (input.length + MAX_HEADERS));
      }
    } catch (FrameException e) {
      heard.broken(e);
    } finally {
      reader.close();
    }
    assertThat(memory.metric().usedHeapMemory()).as("heap buffers left").isZero();
    assertThat(memory.metric().usedDirectMemory()).as("direct buffers left").isZero();
    return heard.told();
  }
}
