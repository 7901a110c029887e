// SPDX-License-Identifier: Apache-2.0
package dev.culvert.ztunnel.transport;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.channel.RecvByteBufAllocator.ExtendedHandle;
import org.junit.jupiter.api.Test;

class PodReadsTest {
  private final ExtendedHandle reads = new PodReads().newHandle();

  @Test
  void readOfSteadyBulkIsWhatLeavesInFourWholePackets() {
    for (int read = 0; read < 50; read++) {
      reads.reset(null);
      int room = reads.guess();
      reads.attemptedBytesRead(room);
      reads.lastBytesRead(room);
      reads.readComplete();
    }
    assertThat(reads.guess()).isEqualTo(4 * WholePacket.BYTES);
  }
}
