// SPDX-License-Identifier: Apache-2.0
package dev.culvert.ztunnel.peers;

import io.netty.buffer.Unpooled;
import io.netty.util.ResourceLeakDetector;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;

/** Collects what Netty finds leaked; named in io.netty.customResourceLeakDetector. */
public final class LeakWatch<T> extends ResourceLeakDetector<T> {
  private static final List<String> LEAKS = new CopyOnWriteArrayList<>();
  private static final int ROUNDS = 3;
  private static final int PROBES = 200;

  public LeakWatch(Class<?> type, int samplingInterval) {
    super(type, samplingInterval);
  }

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

  /** What was leaked until now: collects garbage, then lets the detector look. */
  public static List<String> leaks() throws InterruptedException {
    for (int round = 0; round < ROUNDS; round++) {
      System.gc();
      for (int i = 0; i < PROBES; i++) {
        Unpooled.directBuffer(1).release();
      }
    }
    return List.copyOf(LEAKS);
  }
}
