// SPDX-License-Identifier: Apache-2.0
package dev.culvert.waypoint.peers;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBufAllocator;
import io.netty.util.ResourceLeakDetector;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

final class NoLeaksTest {
  private static void leak() {
    ByteBufAllocator.DEFAULT.directBuffer(16).writeInt(1);
  }

  /** Whether the check could fail at all. */
  @Test
  void bufferThatNobodyReleasedIsFound() {
    assertThat(ResourceLeakDetector.getLevel()).isEqualTo(ResourceLeakDetector.Level.PARANOID);
    leak();
    List<String> found = new ArrayList<>();
    Await.until("it is found", () -> found.addAll(LeakWatch.news()));
    assertThat(found).hasSize(1);
    assertThat(found.getFirst()).contains("NoLeaksTest");
  }
}
