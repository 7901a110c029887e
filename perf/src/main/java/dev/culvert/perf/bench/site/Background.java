// SPDX-License-Identifier: Apache-2.0
package dev.culvert.perf.bench.site;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.concurrent.locks.LockSupport;

/** What else the machine does: a run starts when it is quiet. */
public final class Background {
  private static final long WINDOW = Duration.ofMillis(250).toNanos();
  private static final int IDLE = 3;
  private static final int IOWAIT = 4;
  private static final int GUEST = 8;

  private Background() {}

  /**
   * Waits until less than that share of all processors is in use.
   *
   * @param limit 0 to 1
   * @param patience how long at most
   * @return the share in the last quarter of a second, which is above the limit when patience ended
   */
  public static double awaitBelow(double limit, Duration patience) throws IOException {
    long begin = System.nanoTime();
    double share = share();
    while (share >= limit && System.nanoTime() - begin < patience.toNanos()) {
      share = share();
    }
    return share;
  }

  private static double share() throws IOException {
    String before = total();
    LockSupport.parkNanos(WINDOW);
    return busy(before, total());
  }

  private static String total() throws IOException {
    try (var lines = Files.lines(Path.of("/proc/stat"))) {
      return lines.findFirst().orElseThrow();
    }
  }

  /** From two first lines of /proc/stat: user nice system idle iowait irq softirq steal guest. */
  static double busy(String before, String after) {
    long[] a = ticks(before);
    long[] b = ticks(after);
    long all = Arrays.stream(b).sum() - Arrays.stream(a).sum();
    long idle = b[IDLE] + b[IOWAIT] - a[IDLE] - a[IOWAIT];
    return all == 0 ? 0 : 1 - (double) idle / all;
  }

  private static long[] ticks(String line) {
    return Arrays.stream(line.strip().split("\\s+", -1))
        .skip(1)
        .limit(GUEST)
        .mapToLong(Long::parseLong)
        .toArray();
  }
}
