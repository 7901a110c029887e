// SPDX-License-Identifier: Apache-2.0
package dev.culvert.waypoint.peers;

import io.netty.buffer.Unpooled;
import io.netty.util.ResourceLeakDetector;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;

/** Collects what Netty finds leaked; named in io.netty.customResourceLeakDetector. */
public final class LeakWatch<T> extends ResourceLeakDetector<T> {
  private static final Queue<String> LEAKS = new ConcurrentLinkedQueue<>();
  private static final int ROUNDS = 3;
  private static final int PROBES = 200;

  /** As Netty makes it. */
  public LeakWatch(Class<?> type, int samplingInterval) {
    super(type, samplingInterval);
  }

  /** As older code of Netty makes it. */
  public LeakWatch(Class<?> type, int samplingInterval, long maxActive) {
    super(type, samplingInterval);
  }

  @Override
  protected void reportTracedLeak(String type, String records) {
    LEAKS.add(type + records);
  }

  @Override
  protected void reportUntracedLeak(String type) {
    LEAKS.add(type);
  }

  /** What was found leaked since it was asked last: collects garbage, and lets Netty look. */
  static List<String> news() {
    for (int round = 0; round < ROUNDS; round++) {
      System.gc();
      for (int i = 0; i < PROBES; i++) {
        Unpooled.directBuffer(1).release();
      }
    }
    List<String> found = new ArrayList<>();
    for (String leak = LEAKS.poll(); leak != null; leak = LEAKS.poll()) {
      found.add(leak);
    }
    return found;
  }
}
