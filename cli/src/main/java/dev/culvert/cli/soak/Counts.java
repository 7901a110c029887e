// SPDX-License-Identifier: Apache-2.0
package dev.culvert.cli.soak;

import dev.culvert.cli.soak.Job.Kind;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** What the connections came to. Of one thread. */
final class Counts {
  private static final int MOST_TOLD = 50;

  private final Map<Kind, Long> ended = new EnumMap<>(Kind.class);
  private final Map<String, Long> explained = new TreeMap<>();
  private final List<String> faults = new ArrayList<>();
  private long opened;
  private long bytes;
  private long faultCount;

  void countOpened() {
    opened++;
  }

  void ended(Job job, Ending end, Verdict verdict) {
    bytes += end.sent() + end.verified();
    switch (verdict) {
      case Verdict.Fine _ -> ended.merge(job.kind(), 1L, Long::sum);
      case Verdict.Explained(String by) -> {
        explained.merge(by, 1L, Long::sum);
        if (job.kind() == Kind.FORBIDDEN) {
          ended.merge(job.kind(), 1L, Long::sum);
        }
      }
      case Verdict.Fault(String what) -> fault("%s, at %s".formatted(what, moment(end.ended())));
    }
  }

  /** As logs write it. */
  private static Instant moment(long nanos) {
    return Instant.now().minusNanos(System.nanoTime() - nanos).truncatedTo(ChronoUnit.MILLIS);
  }

  void fault(String what) {
    faultCount++;
    if (faults.size() < MOST_TOLD) {
      faults.add(what);
    }
  }

  /** Connections that the apps' kernels opened. */
  long opened() {
    return opened;
  }

  /** Sent and verified by clients. */
  long bytes() {
    return bytes;
  }

  long faultCount() {
    return faultCount;
  }

  long explainedCount() {
    return explained.values().stream().mapToLong(n -> n).sum();
  }

  /** As they were to end, by kind. */
  Map<Kind, Long> ended() {
    return ended;
  }

  /** Ended by what was done, by what that was. */
  Map<String, Long> explained() {
    return explained;
  }

  /** The first ones. */
  List<String> faults() {
    return faults;
  }
}
